// The plan is made once, from measured step times and the time there is, and then followed to the letter: whatever stops and goes on, the
// result is that of the plan.
import { type Candidate, candidatesOf, type ModelName, type Shape, variantsOf } from "./candidates.ts";
import type { Cost, Costs } from "./probe.ts";
import type { TableTask } from "./types.ts";

/** What {@link fitTable} will do. Plain JSON. */
export type Plan = {
  version: 1;
  task: TableTask;
  model: ModelName;
  seed: number;
  rows: number;
  /** Each row is held out once in every repeat. The members of the first repeat make the model, those of the others help to judge it. */
  folds: number;
  repeats: number;
  /** Rows per step; null for all. */
  batchSize: number | null;
  /** Passes over the training rows. */
  epochs: number;
  /** A unit trains on at most so many rows, taken at random from its folds, and is judged by at most so many. */
  trainingRows: number;
  heldOutRows: number;
  /** The forms to try, and for each the sizes and learning rates to try when it does best. */
  candidates: Candidate[];
  variants: Candidate[][];
  /** Whatever is tried is trained with each of the first so many folds held out, counted through all repeats; the best go on to the other folds. */
  searchFolds: number;
  finalists: number;
  /** The linear model beside them. */
  linear: Candidate;
  /** Seconds that the plan was made for, and what it was expected to take. */
  timeBudget?: number;
  expectedSeconds?: number;
  /** Units that were left out when the time was over: added to the plan of a result, so that it gives that result again. */
  cut?: string[];
};

/** Up to so many training rows every step takes them all. */
const FULL_BATCH_ROWS = 1024;
const BATCH_ROWS = 256;
/** Steps that a training takes where there is time: of all rows, and of batches. Our choice, measured on small tables. */
const [FULL_STEPS, BATCH_STEPS] = [2000, 8000];
/** More rows than these do not fit into the time; each unit takes others. */
const MOST_TRAINING_ROWS = 200_000;
const MOST_HELD_OUT_ROWS = 10_000;
/** Rows below which all are divided several times. */
const TINY_ROWS = 60;

/**
 * What there is time for, the richest first. Five members are nearly as good as ten, so where time is short it goes into the choice of the form.
 */
const LEVELS = [
  { folds: 10, candidates: 6, searchFolds: 10, sizes: true, steps: 1 },
  { folds: 5, candidates: 4, searchFolds: 5, sizes: true, steps: 0.8 },
  { folds: 5, candidates: 3, searchFolds: 5, sizes: true, steps: 0.7 },
  { folds: 5, candidates: 3, searchFolds: 1, sizes: false, steps: 0.7 },
  { folds: 4, candidates: 2, searchFolds: 1, sizes: false, steps: 0.6 },
  { folds: 4, candidates: 1, searchFolds: 0, sizes: false, steps: 0.5 },
  { folds: 3, candidates: 1, searchFolds: 0, sizes: false, steps: 0.5 },
  { folds: 2, candidates: 1, searchFolds: 0, sizes: false, steps: 0.25 },
] as const;
/** From this level on, few rows are not divided several times either. */
const HURRIED = 1;
/** A plan fits when it does with so many members and one fold of the search; more of both come when there is time. */
const [LEAST_MEMBERS, LEAST_SEARCH_FOLDS] = [5, 1];

/** What a plan is made for. */
export type PlanOptions = Shape & { task: TableTask; model: ModelName; seed: number };

/** The plan of one level, whatever it takes. */
export function planOf({ task, model, seed, ...shape }: PlanOptions, level: number, steps?: number): Plan {
  const { rows } = shape;
  const { folds: wanted, candidates, searchFolds, sizes, steps: share } = LEVELS[level];
  const folds = Math.max(2, Math.min(wanted, Math.floor(rows / 2)));
  const repeats = rows < TINY_ROWS && level < HURRIED ? 3 : 1;
  const perUnit = Math.min(MOST_TRAINING_ROWS, Math.floor((rows * (folds - 1)) / folds));
  const batchSize = perUnit <= FULL_BATCH_ROWS ? null : BATCH_ROWS;
  const perEpoch = stepsPerEpoch(perUnit, batchSize);
  const total = steps ?? share * (batchSize === null ? FULL_STEPS : BATCH_STEPS);
  const chosen = candidatesOf(model, shape, task).slice(0, candidates);
  const variants = sizes ? variantsOf(model, shape, task).slice(0, candidates) : chosen.map(() => []);
  return {
    version: 1,
    task,
    model,
    seed,
    rows,
    folds,
    repeats,
    batchSize,
    epochs: Math.max(2, Math.round(total / perEpoch)),
    trainingRows: perUnit,
    heldOutRows: MOST_HELD_OUT_ROWS,
    candidates: chosen,
    variants,
    searchFolds: chosen.length === 1 ? 0 : searchFolds >= folds ? folds * repeats : searchFolds,
    finalists: 1,
    linear: candidatesOf("linear", shape, task)[0],
  };
}

/** The richest plan of which the least fits into the seconds; if none does, the poorest, with as many steps as fit, and at least a few. */
export function planFor(
  options: PlanOptions,
  costs: Costs,
  { seconds, workers }: { seconds: number; workers: number },
): Plan {
  for (let level = 0; level < LEVELS.length; level++) {
    const plan = planOf(options, level);
    const expectedSeconds = expected(plan, costs, workers);
    if (expectedSeconds <= seconds) return { ...plan, timeBudget: seconds, expectedSeconds };
  }
  const poorest = planOf(options, LEVELS.length - 1);
  // The time is a constant and a multiple of the epochs.
  const idle = expected({ ...poorest, epochs: 0 }, costs, workers);
  const perEpoch = (expected(poorest, costs, workers) - idle) / poorest.epochs;
  const epochs = Math.min(poorest.epochs, Math.max(2, Math.floor((seconds - idle) / perEpoch)));
  const plan = { ...poorest, epochs };
  return { ...plan, timeBudget: seconds, expectedSeconds: expected(plan, costs, workers) };
}

/** Seconds of the least of a plan, side by side on so many workers. */
function expected(plan: Plan, costs: Costs, workers: number): number {
  const unit = (candidate: Candidate) => unitSeconds(plan, costs.get(candidate.name));
  const searchFolds = Math.min(LEAST_SEARCH_FOLDS, plan.searchFolds);
  return leastCost(plan, unit, searchFolds) / workers;
}

/** What a search on so many folds and the least to be done after it cost, when what it finds is neither dear nor cheap. */
export function leastCost(plan: Plan, unit: UnitCost, searchFolds: number): number {
  const folds = Math.max(searchFolds, Math.min(LEAST_MEMBERS, plan.folds * plan.repeats));
  return totalCost({ ...plan, searchFolds, folds, repeats: 1 }, unit, { unknown: mean });
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;

/** What a unit of a candidate costs, in expected seconds. */
export type UnitCost = (candidate: Candidate) => number;

/** The forms, and all their variants. */
export const everyCandidate = (plan: Plan): Candidate[] => [...plan.candidates, ...plan.variants.flat()];

/** What the search has found so far, and what to take in place of what it has not. */
export type Found = { best?: Candidate; finalists?: Candidate[]; unknown?: (costs: number[]) => number };

/** What all units of a plan cost together, from the cost of a unit of each candidate. By default what has not been found is taken to be the dearest. */
export function totalCost(
  plan: Plan,
  unit: UnitCost,
  { best, finalists, unknown = (costs) => Math.max(...costs) }: Found = {},
): number {
  const members = plan.folds * plan.repeats;
  const all = (candidates: readonly Candidate[]) => sum(candidates.map(unit));
  const variants = best ? all(plan.variants[plan.candidates.indexOf(best)]) : unknown(plan.variants.map(all));
  const last = finalists ? all(finalists) : plan.finalists * unknown(everyCandidate(plan).map(unit));
  const search = plan.searchFolds * (all(plan.candidates) + variants);
  return search + (members - plan.searchFolds) * last + members * unit(plan.linear);
}

/** Seconds of one unit. */
export function unitSeconds(plan: Plan, cost: Cost = { startup: 0, step: 0 }): number {
  return cost.startup + plan.epochs * stepsPerEpoch(plan.trainingRows, plan.batchSize) * cost.step;
}

/** Of rows, or of batches of them. */
export const stepsPerEpoch = (rows: number, batchSize: number | null): number =>
  batchSize === null ? 1 : Math.floor(rows / batchSize);
