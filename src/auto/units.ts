// Runs the units of a plan side by side, keeps what they leave in the store, and says how far it is.
import type { Executor } from "../compile/executor.ts";
import { Random } from "../random.ts";
import { type Tensor, takeRows } from "../tensor.ts";
import type { Candidate } from "./candidates.ts";
import { foldsOf, rowsIn } from "./folds.ts";
import type { Member } from "./out-of-fold.ts";
import { everyCandidate, type Found, leastCost, type Plan, totalCost, unitSeconds } from "./plan.ts";
import type { JobPool } from "./pool.ts";
import type { Costs } from "./probe.ts";
import type { Store } from "./store.ts";
import { decodeUnit, encodeUnit, type Unit } from "./unit.ts";

/** What was trained of a candidate. */
export type Trained = { candidate: Candidate; members: Member[]; failed: number };

/** What units are run with. */
export type UnitsOptions = {
  plan: Plan;
  /** What a unit of each candidate costs, by name; without, all cost the same. */
  costs?: Costs;
  pool: JobPool;
  store: Store;
  executor?: Executor;
  /** After this many milliseconds since 1970 no unit is begun any more; one that runs is given up when `patience` more have passed. */
  deadline?: number;
  patience?: number;
  /** Called with the work done and the work there is, in expected seconds. */
  onProgress?: (done: number, total: number) => void;
};

/** Trained whatever the time, or there might be nothing to choose from. */
const ALWAYS = "unit-0-0";

type UnitRows = { trainingRows: Uint32Array; rows: Uint32Array };

/** The units of one plan on one table. */
export class Units {
  readonly #table: { x: Tensor; y: Tensor };
  readonly #options: UnitsOptions;
  readonly #folds: Uint8Array[];
  readonly #rows: UnitRows[] = [];
  readonly #done = new Map<string, number>();
  #total = 0;
  #share = 0;
  readonly #began = Date.now();
  /** Of units that were run here, in expected seconds. */
  #worked = 0;
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  /** Units that were left out because time was up. */
  readonly cut: string[] = [];

  constructor(table: { x: Tensor; y: Tensor }, options: UnitsOptions) {
    this.#table = table;
    this.#options = options;
    const { plan } = options;
    this.#folds = foldsOf(table.y, plan);
    this.found(plan);
  }

  /** What the search has found says what there is to do; no more is done than there is time for. */
  found(plan: Plan, found?: Found): void {
    const { deadline = Infinity, pool } = this.#options;
    const all = totalCost(plan, this.#cost, found);
    this.#total = Math.min(all, Math.max(1, (pool.workers * (deadline - this.#began)) / 1000));
  }

  /** Whether, at the speed so far, there is time to search on one fold more than on so many, and for what comes after it. */
  hasTimeToSearch(folds: number): boolean {
    const { deadline = Infinity, plan, pool } = this.#options;
    const done = plan.candidates.reduce((sum, candidate) => sum + folds * this.#cost(candidate), 0);
    // Nothing was run here where all was in the store.
    const milliseconds = this.#worked > 0 ? (Date.now() - this.#began) / this.#worked : 1000 / pool.workers;
    return Date.now() + milliseconds * (leastCost(plan, this.#cost, folds + 1) - done) <= deadline;
  }

  /** Trains a candidate once for each of the numbers: the fold that is held out, counted through all repeats. */
  async train(candidate: Candidate, folds: readonly number[]): Promise<Trained> {
    const results = await Promise.all(folds.map((fold) => this.#member(candidate, fold)));
    const members = results.filter((one) => one !== undefined && "result" in one) as Member[];
    const failed = results.filter((one) => one !== undefined && "failed" in one).length;
    return { candidate, members, failed };
  }

  /** A trained member; why it failed; or undefined where it was left out. */
  async #member(candidate: Candidate, fold: number): Promise<Member | { failed: string } | undefined> {
    const { plan, store, pool } = this.#options;
    const name = `unit-${candidate === plan.linear ? "linear" : everyCandidate(plan).indexOf(candidate)}-${fold}`;
    if (plan.cut?.includes(name)) return undefined;
    const key = `${name}.safetensors`;
    const { trainingRows, rows } = this.#rowsOf(fold);
    let bytes = await store.get(key);
    if (!bytes) {
      const { deadline = Infinity, patience = 0 } = name === ALWAYS ? {} : this.#options;
      const unit = this.#unit(candidate, fold);
      const { x, y } = this.#table;
      const late = () => Date.now() > deadline;
      const done = await this.#inTurn(async () => {
        if (late()) return undefined;
        const training = { x: takeRows(x, trainingRows), y: takeRows(y, trainingRows) };
        const job = { unit, training, heldOut: takeRows(x, rows), deadline: deadline + patience };
        return pool.run(job, (share) => this.#tell(name, share * this.#cost(candidate)));
      });
      if (done) this.#worked += this.#cost(candidate);
      bytes = done?.bytes ?? encodeUnit({ cut: true });
      await store.put(key, bytes);
    }
    this.#tell(name, this.#cost(candidate));
    const result = decodeUnit(bytes, candidate);
    if ("cut" in result) this.cut.push(name);
    return "cut" in result ? undefined : "failed" in result ? result : { rows, result };
  }

  /** The rows of a unit: the same for every candidate. */
  #rowsOf(fold: number): UnitRows {
    const { folds, seed, trainingRows, heldOutRows } = this.#options.plan;
    const known = this.#rows[fold];
    if (known) return known;
    const random = new Random(seed + 7919 * (fold + 1));
    const foldOf = this.#folds[Math.floor(fold / folds)];
    this.#rows[fold] = {
      trainingRows: some(rowsIn(foldOf, fold % folds, { others: true }), trainingRows, random),
      rows: some(rowsIn(foldOf, fold % folds), heldOutRows, random),
    };
    return this.#rows[fold];
  }

  #unit(candidate: Candidate, fold: number): Unit {
    const { plan, executor } = this.#options;
    const { task, seed, epochs, batchSize } = plan;
    return { candidate, task, seed: seed + 101 * fold, epochs, batchSize, executor };
  }

  /** As many at once as there are workers, in the order in which they were asked for: what comes late can still be left out. */
  async #inTurn<T>(run: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#options.pool.workers) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running++;
    try {
      return await run();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }

  readonly #cost = (candidate: Candidate): number =>
    unitSeconds(this.#options.plan, this.#options.costs?.get(candidate.name)) || 1;

  #tell(name: string, done: number): void {
    this.#done.set(name, Math.max(this.#done.get(name) ?? 0, done));
    const all = this.#done.values().reduce((sum, one) => sum + one, 0);
    // What there is to do may turn out to be more than was thought.
    this.#share = Math.max(this.#share, Math.min(1, all / this.#total));
    this.#options.onProgress?.(this.#share * this.#total, this.#total);
  }
}

/** At most so many of the rows, at random, in their order. */
function some(rows: Uint32Array, most: number, random: Random): Uint32Array {
  if (rows.length <= most) return rows;
  const chosen = random.permutation(rows.length).subarray(0, most);
  return chosen.map((i) => rows[i]).sort();
}
