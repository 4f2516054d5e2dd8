import { type Executor, ready } from "../compile/executor.ts";
import { GmnmError } from "../errors.ts";
import type { Model } from "../model.ts";
import { showShape, type Tensor } from "../tensor.ts";
import { expectFinite } from "../train/batches.ts";
import type { ModelName } from "./candidates.ts";
import { choose, type MemberHistory, type Validation } from "./choose.ts";
import { findPlan, keepPlan, measure } from "./make-plan.ts";
import { type Plan, planFor } from "./plan.ts";
import { jobPool } from "./pool.ts";
import { search } from "./search.ts";
import { memoryStore, type Store } from "./store.ts";
import type { TableTask } from "./types.ts";
import { Units } from "./units.ts";

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
   * Seconds that it may take, on as many cores as there are. Default 50. After four fifths of them no training begins any more, and when they are
   * over those that run are given up. Ignored with a `plan`.
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

/** The share of the budget after which nothing is begun: what runs then has the rest to come to its end. */
const PLANNED = 0.8;

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
    const planned = await findPlan(wanted, options.plan, store, async () => {
      const costs = await measure(wanted, table, { pool, executor, timeBudget });
      const left = PLANNED * timeBudget - seconds();
      return { plan: planFor(wanted, costs, { seconds: left, workers: pool.workers }), costs };
    });
    const deadline = options.plan ? undefined : Date.now() + 1000 * (PLANNED * timeBudget - seconds());
    const patience = 1000 * (1 - PLANNED) * timeBudget;
    const onProgress = (done: number, total: number) => tell({ done, total });
    const units = new Units(table, { ...planned, pool, store, executor, deadline, patience, onProgress });
    tell({ phase: "search" });
    const { linear, plan, finalists, others } = await search(planned, units, table.y, {
      settle: (plan) => keepPlan(store, { ...planned, plan, settled: true }),
      onChosen: (score) => tell({ phase: "train", score }),
    });
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
