import { type Executor, ready } from "../compile/executor.ts";
import { GmnmError } from "../errors.ts";
import type { Model } from "../model.ts";
import { showShape, type Tensor, takeRows } from "../tensor.ts";
import { expectFinite } from "../train/batches.ts";
import type { Candidate, ModelName } from "./candidates.ts";
import { choose, type MemberHistory, type Validation } from "./choose.ts";
import { outOfFold } from "./out-of-fold.ts";
import { type Plan, type PlanOptions, planFor, planOf } from "./plan.ts";
import { type JobPool, jobPool } from "./pool.ts";
import type { Cost, Costs } from "./probe.ts";
import { asJson, fromJson, memoryStore, type Store } from "./store.ts";
import type { TableTask } from "./types.ts";
import { type Trained, Units } from "./units.ts";

/** What {@link fitTable} is doing, for a progress bar. */
export type TableProgress = {
  phase: "measure" | "search" | "train" | "finish";
  /** Work done, and work there is, in expected seconds of one core. */
  done: number;
  total: number;
  /** Since the call. */
  seconds: number;
  /** RMSE or log loss on held-out rows of the best so far. */
  score?: number;
};

/** Options of {@link fitTable}. */
export type FitTableOptions = {
  task: TableTask;
  /** Default "gmnm". */
  model?: ModelName;
  /**
   * Seconds that it may take, on as many cores as there are. Default 50. The plan is made for four fifths of them; when they are over, no
   * further training begins, and a tenth later those that run are given up. Ignored with a `plan`.
   */
  timeBudget?: number;
  /** Default 0. */
  seed?: number;
  /** Keeps what was computed, so that the same call goes on where it was killed. Default in memory. */
  store?: Store;
  onProgress?: (progress: TableProgress) => void;
  /** What to do, in place of what measured step times suggest: such as the plan of an earlier result, to get it once more. */
  plan?: Plan;
  executor?: Executor;
  /** Worker processes. Default one per core; the result does not depend on how many. With 0 all happens in this process. */
  workers?: number;
};

/** What {@link fitTable} returns. */
export type FitTableResult = { model: Model; plan: Plan; validation: Validation; history: MemberHistory };

/** The share of the budget that a plan is made for: step times are measured in a second, and hold for a minute only roughly. */
const PLANNED = 0.8;
const PLAN = "plan.json";

/**
 * A good model of a table within a time budget. Forms, then sizes and learning rates of the best form are compared on held-out folds; the best of
 * all is trained with each fold held out in turn; the mean of these members, blended with a linear model where that does better on rows held out, is one layer.
 *
 * Given a plan and a seed the result is the same to the last bit, whatever the number of workers. Memory: the table once (4 bytes a
 * number), and per worker a process with the rows that it trains on, at most 200,000.
 *
 * @param examples x (rows, features), standardised; y (rows, outputs), standardised numbers, or one-hot classes.
 * @returns a model that makes targets of the same kind, or logits.
 * @example
 * ```ts
 * const { model, validation } = await fitTable({ x, y }, { task: "regression", timeBudget: 20 });
 * console.log(validation.why);
 * ```
 * @throws GmnmError for data of the wrong shape or not finite, and when every training diverges.
 */
export async function fitTable(examples: { x: Tensor; y: Tensor }, options: FitTableOptions): Promise<FitTableResult> {
  const { task, model = "gmnm", timeBudget = 50, seed = 0, store = memoryStore(), executor, workers } = options;
  const began = performance.now();
  check(examples);
  await ready(executor);
  const table = { x: examples.x, y: examples.y };
  const [rows, features] = table.x.shape;
  const wanted = { rows, features, outputs: table.y.shape[1], task, model, seed };
  const seconds = () => (performance.now() - began) / 1000;
  const progress = { phase: "measure", done: 0, total: 1, seconds: 0 } as TableProgress;
  const tell = (news: Partial<TableProgress>) =>
    options.onProgress?.({ ...Object.assign(progress, news), seconds: seconds() });
  tell({});
  const pool = jobPool(workers);
  try {
    const { plan, costs } = await planned(wanted, options.plan, store, async () => {
      const costs = await measure(wanted, table, pool, executor);
      const left = PLANNED * timeBudget - seconds();
      return { plan: planFor(wanted, costs, { seconds: left, workers: pool.workers }), costs };
    });
    const deadline = options.plan ? undefined : Date.now() + 1000 * (timeBudget - seconds());
    const patience = 100 * timeBudget;
    const onProgress = (done: number, total: number) => tell({ done, total });
    const units = new Units(table, { plan, costs, pool, store, executor, deadline, patience, onProgress });
    tell({ phase: "search" });
    const linear = await units.train(plan.linear, range(0, plan.folds * plan.repeats));
    const { finalists, others } = await search(plan, units, table.y, tell);
    tell({ phase: "finish", done: progress.total });
    const { cut } = units;
    return { plan: cut.length > 0 ? { ...plan, cut } : plan, ...choose(table, plan, finalists, linear, others) };
  } finally {
    await pool.close();
  }
}

function check({ x, y }: { x: Tensor; y: Tensor }): void {
  if (x.shape.length !== 2 || y.shape.length !== 2 || x.shape[0] !== y.shape[0]) {
    throw new GmnmError(
      `fitTable expected x (rows, features) and y (rows, outputs), got ${showShape(x.shape)} and ${showShape(y.shape)}`,
    );
  }
  if (x.shape[0] < 4) throw new GmnmError(`fitTable needs at least 4 rows, got ${x.shape[0]}`);
  if (x.shape[1] < 1 || y.shape[1] < 1) throw new GmnmError("fitTable needs at least one feature and one output");
  expectFinite({ x, y });
}

type Planned = { plan: Plan; costs: Costs };

/** The stored plan, the given one, or a new one; it is stored before anything is trained. */
async function planned(wanted: PlanOptions, given: Plan | undefined, store: Store, make: () => Promise<Planned>) {
  const stored = await store.get(PLAN);
  const found: Planned | undefined = stored && decodePlan(stored);
  const { plan, costs } = found ?? (given ? { plan: given, costs: new Map<string, Cost>() } : await make());
  const { task, model, seed } = plan;
  if (
    task !== wanted.task ||
    plan.rows !== wanted.rows ||
    (!given && (model !== wanted.model || seed !== wanted.seed))
  ) {
    throw new GmnmError(
      `the plan is for ${task} of ${plan.rows} rows by ${model} with seed ${seed}, not for ${wanted.task} of ${wanted.rows} rows by ${wanted.model} with seed ${wanted.seed}`,
    );
  }
  if (!found) await store.put(PLAN, asJson({ plan, costs: [...costs] }));
  return { plan, costs };
}

function decodePlan(bytes: Uint8Array): Planned {
  const { plan, costs } = fromJson(bytes);
  return { plan, costs: new Map(costs) };
}

/** What a step of every candidate costs on this machine, now. */
async function measure(wanted: PlanOptions, table: { x: Tensor; y: Tensor }, pool: JobPool, executor?: Executor) {
  const { candidates, variants, linear, trainingRows, seed, task, epochs, batchSize } = planOf(wanted, 0);
  const rows = Uint32Array.from({ length: Math.min(trainingRows, batchSize ?? trainingRows) }, (_, i) => i);
  const training = { x: takeRows(table.x, rows), y: takeRows(table.y, rows) };
  const measured = [...candidates, linear].map(async (candidate) => {
    const unit = { candidate, task, seed, epochs, batchSize, executor };
    const { cost } = await pool.run({ unit, training, heldOut: training.x, probe: true });
    return [candidate, cost!] as const;
  });
  const costs = await Promise.all(measured);
  return new Map(
    costs.flatMap(([candidate, cost], i) => [
      [candidate.name, cost] as const,
      // Not measured, which would take longer than it is worth: a step of twice the size takes at most twice as long, one of half the size no longer.
      ...(variants[i] ?? []).map(({ name, parameters }) => {
        const step = cost.step * Math.max(1, parameters / candidate.parameters);
        return [name, { ...cost, step }] as const;
      }),
    ]),
  );
}

/** Every form on the first folds, there the sizes and learning rates of the best of them, then the best of all on the other folds. */
async function search(plan: Plan, units: Units, y: Tensor, tell: (news: Partial<TableProgress>) => void) {
  const { candidates, variants, searchFolds, finalists: wanted } = plan;
  const forms = await tryOut(candidates, plan, units);
  const best = ranked(forms, plan, y)[0].candidate;
  units.found({ best });
  const all = ranked([...forms, ...(await tryOut(variants[candidates.indexOf(best)], plan, units))], plan, y);
  const finalists = all.slice(0, wanted);
  units.found({ best, finalists: finalists.map(({ candidate }) => candidate) });
  const [{ members }] = all;
  tell({
    phase: "train",
    ...(searchFolds > 0 && members.length > 0 && { score: outOfFold(plan.task, members, y).score }),
  });
  const rest = range(searchFolds, plan.folds * plan.repeats);
  const more = await Promise.all(finalists.map(({ candidate }) => units.train(candidate, rest)));
  return { finalists: finalists.map((one, i) => join(one, more[i])), others: all.slice(wanted) };
}

/** Fold by fold, so that where time runs out every candidate has had its turn. */
async function tryOut(candidates: readonly Candidate[], plan: Plan, units: Units): Promise<Trained[]> {
  let trained: Trained[] = candidates.map((candidate) => ({ candidate, members: [], failed: 0 }));
  for (const fold of range(0, plan.searchFolds)) {
    const more = await Promise.all(candidates.map((candidate) => units.train(candidate, [fold])));
    trained = trained.map((one, i) => join(one, more[i]));
  }
  return trained;
}

/** The best first: of those trained on as many folds as any, for a score on fewer, perhaps easier ones says little beside theirs. */
function ranked(trained: readonly Trained[], { task }: Plan, y: Tensor): Trained[] {
  const most = Math.max(1, ...trained.map(({ members }) => members.length));
  const scores = new Map(
    trained.map((one) => [one, one.members.length === most ? outOfFold(task, one.members, y).score : Infinity]),
  );
  // Without any search there is one candidate.
  return trained.toSorted((a, b) => scores.get(a)! - scores.get(b)! || 0);
}

const join = (a: Trained, b: Trained): Trained => ({
  candidate: a.candidate,
  members: [...a.members, ...b.members],
  failed: a.failed + b.failed,
});

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
