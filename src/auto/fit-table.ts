import type { Executor } from "../compile/executor.ts";
import { ready } from "../compile/executor.ts";
import { GmnmError } from "../errors.ts";
import type { Model } from "../model.ts";
import { fromConfig } from "../nn/registry.ts";
import { countParameters } from "../params.ts";
import { Random } from "../random.ts";
import { showShape, type Tensor, takeRows, tensor } from "../tensor.ts";
import { expectFinite } from "../train/batches.ts";
import { blend, mix } from "./blend.ts";
import type { Candidate, ModelName } from "./candidates.ts";
import { combine, type Share } from "./combine.ts";
import { foldsOf, rowsIn } from "./folds.ts";
import { type Member, type OutOfFold, outOfFold } from "./out-of-fold.ts";
import { type Plan, planFor, planOf, unitSeconds } from "./plan.ts";
import { type JobPool, jobPool } from "./pool.ts";
import type { Cost } from "./probe.ts";
import { ridge } from "./ridge.ts";
import { lossOf, type Scores, scoresOf } from "./scores.ts";
import { memoryStore, type Store } from "./store.ts";
import type { TableTask } from "./types.ts";
import { decodeUnit } from "./unit.ts";

/** What {@link fitTable} is doing, for a progress bar. */
export type TableProgress = {
  phase: "measure" | "search" | "train" | "finish";
  /** Work done, and work there is, in expected seconds. */
  done: number;
  total: number;
  /** Since it began. */
  seconds: number;
  /** RMSE or log loss on held-out rows of the best so far. */
  score?: number;
};

/** Options of {@link fitTable}. */
export type FitTableOptions = {
  task: TableTask;
  /** Default "gmnm". */
  model?: ModelName;
  /** Seconds that training may take, on as many cores as there are. Default 50. Ignored with a `plan`. */
  timeBudget?: number;
  /** Default 0. */
  seed?: number;
  /** Keeps what was computed, so that the same call goes on where it was killed. Default in memory. */
  store?: Store;
  onProgress?: (progress: TableProgress) => void;
  /** What to do, in place of what measured step times suggest. */
  plan?: Plan;
  executor?: Executor;
  /** Threads. Default one per core. */
  workers?: number;
};

/** A candidate, and what was found about it. */
export type CandidateReport = {
  name: string;
  parameters: number;
  /** RMSE or log loss on held-out rows, at the best epoch; undefined when all trainings diverged. */
  score?: number;
  /** Trainings behind the score, and those that diverged. */
  trained: number;
  failed: number;
  epoch?: number;
  chosen: boolean;
};

/** What {@link fitTable} returns. */
export type FitTableResult = {
  model: Model;
  plan: Plan;
  validation: {
    /** Of the chosen model on rows that were held out, each predicted by members that had not seen it. */
    scores: Scores;
    /** Of the linear model and of the mean (or the classes' frequencies) on the same rows. */
    linear: Scores;
    constant: Scores;
    rows: number;
    candidates: CandidateReport[];
    /** One sentence. */
    why: string;
  };
  /** Mean over the chosen members, at the epochs of their snapshots. */
  history: { epoch: number; loss: number; validationLoss: number }[];
};

/**
 * A good model of a table within a time budget: candidates are compared on held-out folds, the best are trained with each fold held out in turn,
 * and the mean of these members, blended with a linear model where that helps, is one layer.
 *
 * @param examples x (rows, features), standardised; y (rows, outputs), standardised numbers, or one-hot classes.
 * @returns a model that makes targets of the same kind, or logits.
 * @example
 * ```ts
 * const { model, validation } = await fitTable({ x, y }, { task: "regression", timeBudget: 20 });
 * ```
 * @throws GmnmError for data of the wrong shape or not finite, and when every training diverges.
 */
export async function fitTable(examples: { x: Tensor; y: Tensor }, options: FitTableOptions): Promise<FitTableResult> {
  const { task, model = "gmnm", timeBudget = 50, seed = 0, executor, workers, onProgress = () => {} } = options;
  check(examples);
  await ready(executor);
  const began = performance.now();
  const { store = memoryStore() } = options;
  const table = { x: shared(examples.x), y: shared(examples.y) };
  const [rows, features] = table.x.shape;
  const shape = { rows, features, outputs: table.y.shape[1] };
  const pool = await jobPool(workers);
  try {
    const run = new Run(table, task, pool, store, executor, began, onProgress);
    const { plan, costs } = await run.plan({ ...shape, task, model, seed }, timeBudget, options.plan);
    run.begin(plan, costs);
    return await run.fit(plan);
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

/** A copy in memory that worker threads see, too: a table is there once, however many threads there are. */
function shared({ data, shape }: Tensor): Tensor {
  const copy = new Float32Array(new SharedArrayBuffer(data.byteLength));
  copy.set(data);
  return { data: copy as unknown as Float32Array<ArrayBuffer>, shape };
}

type Found = { candidate: Candidate; members: Member[]; failed: number };

/** One call of `fitTable`: the units it runs, and how far it is. */
class Run {
  readonly #table: { x: Tensor; y: Tensor };
  readonly #task: TableTask;
  readonly #pool: JobPool;
  readonly #store: Store;
  readonly #executor: Executor | undefined;
  readonly #began: number;
  readonly #report: (progress: TableProgress) => void;
  readonly #shares = new Map<string, number>();
  #plan!: Plan;
  #folds: Uint8Array[] = [];
  #costs: ReadonlyMap<string, Cost> = new Map();
  #phase: TableProgress["phase"] = "measure";
  #total = 0;
  #score: number | undefined;

  constructor(
    table: { x: Tensor; y: Tensor },
    task: TableTask,
    pool: JobPool,
    store: Store,
    executor: Executor | undefined,
    began: number,
    report: (progress: TableProgress) => void,
  ) {
    this.#table = table;
    this.#task = task;
    this.#pool = pool;
    this.#store = store;
    this.#executor = executor;
    this.#began = began;
    this.#report = report;
  }

  /** The given plan, the stored one, or a new one from measured step times; it is stored before anything is trained. */
  async plan(options: Parameters<typeof planOf>[0], timeBudget: number, given?: Plan) {
    const stored = await this.#store.get("plan.json");
    if (stored) {
      const { plan, costs } = JSON.parse(new TextDecoder().decode(stored));
      return { plan: plan as Plan, costs: new Map<string, Cost>(costs) };
    }
    const costs = given ? new Map<string, Cost>() : await this.#measure(options);
    // What is left of the budget, less a little for putting things together.
    const seconds = timeBudget - (performance.now() - this.#began) / 1000 - 0.02 * timeBudget;
    const plan = given ?? planFor(options, costs, { seconds, workers: this.#pool.workers });
    await this.#store.put("plan.json", new TextEncoder().encode(JSON.stringify({ plan, costs: [...costs] })));
    return { plan, costs };
  }

  async #measure(options: Parameters<typeof planOf>[0]): Promise<Map<string, Cost>> {
    const example = planOf(options, 0);
    const rows = Uint32Array.from({ length: Math.min(example.trainingRows, 4096) }, (_, i) => i);
    const candidates = [...example.candidates, example.linear];
    const measured = await Promise.all(
      candidates.map(async (candidate) => {
        const unit = this.#unit(example, candidate, 0);
        const { cost } = await this.#pool.run({
          unit,
          table: this.#table,
          trainingRows: rows,
          heldOutRows: rows,
          probe: true,
        });
        return [candidate.name, cost!] as const;
      }),
    );
    return new Map(measured);
  }

  begin(plan: Plan, costs: ReadonlyMap<string, Cost>): void {
    const { folds, repeats, seed } = plan;
    this.#plan = plan;
    this.#costs = costs;
    this.#folds = foldsOf(this.#table.y, { folds, repeats, seed });
    const cost = (candidate: Candidate) => unitSeconds(plan, costs.get(candidate.name)) || 1;
    const dearest = plan.candidates.map(cost).sort((a, b) => b - a);
    const members = folds * repeats;
    this.#total =
      plan.candidates.reduce((sum, candidate) => sum + plan.searchFolds * cost(candidate), 0) +
      dearest.slice(0, plan.finalists).reduce((sum, one) => sum + (members - plan.searchFolds) * one, 0) +
      members * cost(plan.linear);
  }

  async fit(plan: Plan): Promise<FitTableResult> {
    const members = plan.folds * plan.repeats;
    this.#phase = "search";
    const linear = this.#train(plan.linear, range(0, members));
    const searched = await Promise.all(
      plan.candidates.map((candidate) => this.#train(candidate, range(0, plan.searchFolds))),
    );
    const order = plan.candidates.map((candidate, i) => ({
      candidate,
      found: searched[i],
      score: this.#scoreOf(searched[i]),
    }));
    if (plan.searchFolds > 0) order.sort((a, b) => a.score - b.score);
    this.#phase = "train";
    const best = await Promise.all(
      order.slice(0, plan.finalists).map(async ({ candidate, found }): Promise<Found> => {
        const more = await this.#train(candidate, range(plan.searchFolds, members));
        return { candidate, members: [...found.members, ...more.members], failed: found.failed + more.failed };
      }),
    );
    this.#phase = "finish";
    this.#tell();
    const failed = order.slice(plan.finalists).map(({ found }) => found);
    return this.#choose(best, failed, await linear);
  }

  #scoreOf({ members }: Found): number {
    if (members.length === 0) return Infinity;
    const { score } = outOfFold(this.#task, members, this.#table.y);
    this.#score = Math.min(score, this.#score ?? Infinity);
    return score;
  }

  /** One unit per number: the fold that it holds out, counted through all repeats. */
  async #train(candidate: Candidate, folds: readonly number[]): Promise<Found> {
    const results = await Promise.all(folds.map((fold) => this.#member(candidate, fold)));
    const members = results.filter((one) => "result" in one);
    return { candidate, members, failed: results.length - members.length };
  }

  async #member(candidate: Candidate, fold: number): Promise<Member | { failed: string }> {
    const plan = this.#plan;
    const foldOf = this.#folds[Math.floor(fold / plan.folds)];
    const random = new Random(plan.seed + 7919 * (fold + 1));
    const trainingRows = some(rowsIn(foldOf, fold % plan.folds, { others: true }), plan.trainingRows, random);
    const rows = some(rowsIn(foldOf, fold % plan.folds), plan.heldOutRows, random);
    const which = candidate === plan.linear ? "linear" : `${plan.candidates.indexOf(candidate)}`;
    const key = `units/${which}-${fold}.safetensors`;
    let bytes = await this.#store.get(key);
    if (!bytes) {
      const unit = this.#unit(plan, candidate, fold);
      const job = { unit, table: this.#table, trainingRows, heldOutRows: rows };
      ({ bytes } = await this.#pool.run(job, (share) => this.#tell(key, share, candidate)));
      await this.#store.put(key, bytes);
    }
    this.#tell(key, 1, candidate);
    const result = decodeUnit(bytes, candidate);
    return "failed" in result ? result : { rows, result };
  }

  #unit({ seed, epochs, batchSize }: Plan, candidate: Candidate, fold: number) {
    return { candidate, task: this.#task, seed: seed + 101 * fold, epochs, batchSize, executor: this.#executor };
  }

  /** Notes how much of a unit is done, and reports. */
  #tell(key?: string, share = 0, candidate?: Candidate): void {
    if (key && candidate) {
      const cost = unitSeconds(this.#plan, this.#costs.get(candidate.name)) || 1;
      this.#shares.set(key, Math.max(this.#shares.get(key) ?? 0, share * cost));
    }
    const done = this.#phase === "finish" ? this.#total : Math.min(this.#total, sum(this.#shares.values()));
    const seconds = (performance.now() - this.#began) / 1000;
    this.#report({
      phase: this.#phase,
      done,
      total: this.#total,
      seconds,
      ...(this.#score !== undefined && { score: this.#score }),
    });
  }

  /** The blend of finalists and linear model that does best on rows that were held out, as one model. */
  #choose(best: Found[], others: Found[], linear: Found): FitTableResult {
    const { y } = this.#table;
    const task = this.#task;
    const alive = [...best.filter(({ members }) => members.length > 0), ...(linear.members.length > 0 ? [linear] : [])];
    if (alive.length === 0) {
      throw new GmnmError(
        "every training diverged; check the data for values far out of the ordinary, or lower the learning rate",
      );
    }
    const found = alive.map(({ members }) => outOfFold(task, members, y));
    // Members may have been lost: what all of them predicted is what they are compared on.
    const rows = found.map((one) => one.rows).reduce((a, b) => intersection(a, b));
    const target = takeRows(y, rows);
    const predictions = found.map((one) => pick(one, rows));
    const { shares } = blend(task, predictions, target);
    const scores = scoresOf(task, mix(predictions, shares), target);
    const model = combine(
      alive.flatMap(({ candidate, members }, i): Share[] => {
        if (shares[i] === 0) return [];
        const layer = fromConfig(candidate.config);
        if (candidate === this.#plan.linear && task === "regression") {
          return [{ model: { layer, params: ridge(this.#table.x, y, { seed: this.#plan.seed }) }, share: shares[i] }];
        }
        return found[i].params.map((params) => ({ model: { layer, params }, share: shares[i] / members.length }));
      }),
    );
    const report = ({ candidate, members, failed }: Found): CandidateReport => {
      const one = members.length > 0 ? outOfFold(task, members, y) : undefined;
      const at = alive.findIndex((other) => other.candidate === candidate);
      return {
        name: candidate.name,
        parameters: candidate.parameters,
        ...(one && { score: one.score, epoch: one.epoch }),
        trained: members.length,
        failed,
        chosen: at >= 0 && shares[at] > 0,
      };
    };
    const candidates = [...best, ...others, linear].map(report);
    const strongest = found[shares.indexOf(Math.max(...shares))];
    const constant = tensor(
      Array.from({ length: target.data.length }, (_, i) => constantAt(task, y, i % y.shape[1])),
      target.shape,
    );
    const linearAt = alive.indexOf(linear);
    return {
      model,
      plan: this.#plan,
      validation: {
        scores,
        linear: scoresOf(task, linearAt >= 0 ? predictions[linearAt] : constant, target),
        constant: scoresOf(task, constant, target),
        rows: rows.length,
        candidates,
        why: explain(candidates, task, lossOf(task, mix(predictions, shares), target), countParameters(model.params)),
      },
      history: strongest.curve.map(({ epoch, loss, score }) => ({
        epoch,
        loss,
        validationLoss: task === "regression" ? score ** 2 : score,
      })),
    };
  }
}

const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);
const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);

/** At most so many of the rows, at random, in their order. */
const some = (rows: Uint32Array, most: number, random: Random): Uint32Array =>
  rows.length <= most
    ? rows
    : random
        .permutation(rows.length)
        .subarray(0, most)
        .map((i) => rows[i])
        .sort();

function intersection(a: Uint32Array, b: Uint32Array): Uint32Array {
  const there = new Set(b);
  return a.filter((row) => there.has(row));
}

/** The predictions of some of its rows. */
function pick({ rows, prediction }: OutOfFold, wanted: Uint32Array): Tensor {
  const place = new Map([...rows].map((row, i) => [row, i]));
  return takeRows(
    prediction,
    Array.from(wanted, (row) => place.get(row)!),
  );
}

/** The mean of a target, or the logarithm of a class's frequency. */
function constantAt(task: TableTask, { data, shape: [rows, outputs] }: Tensor, output: number): number {
  let total = 0;
  for (let i = output; i < data.length; i += outputs) total += data[i];
  return task === "regression" ? total / rows : Math.log((total + 1e-3) / rows);
}

function explain(candidates: CandidateReport[], task: TableTask, score: number, parameters: number): string {
  const measure = task === "regression" ? "RMSE" : "log loss";
  const chosen = candidates.filter((one) => one.chosen);
  const rest = candidates.filter((one) => !one.chosen && one.score !== undefined);
  const named = chosen.map(({ name, trained }) => (trained > 1 ? `${trained} × ${name}` : name)).join(" with ");
  const runnerUp = rest.sort((a, b) => a.score! - b.score!)[0];
  const beside = runnerUp ? `; ${runnerUp.name} has ${runnerUp.score!.toPrecision(3)}` : "";
  return `${named}: ${measure} ${score.toPrecision(3)} on held-out rows, ${parameters} parameters${beside}.`;
}
