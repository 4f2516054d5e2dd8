// J. Nocedal, S. J. Wright, "Numerical Optimization", 2nd ed., algorithms 7.4 and 7.5.
import { GmnmError, quote } from "../errors.ts";
import { lineSearch } from "./line-search.ts";
import type { Optimizer } from "./transform.ts";

/** A function to minimise: its value and gradient at a point. */
export type Evaluate = (x: Float64Array) => Promise<Evaluation> | Evaluation;
export type Evaluation = { value: number; gradient: Float64Array };

/** Options of {@link lbfgs}. */
export type LbfgsOptions = {
  /** Pairs of steps and gradient changes remembered. Default 20. */
  memory?: number;
  /** Stops when no element of the gradient is larger. Default 1e-9. */
  gradientTolerance?: number;
};

/** Chooses L-BFGS for `fit` and `minimize`; made by {@link lbfgs}. */
export type Lbfgs = { readonly kind: "lbfgs" } & Required<LbfgsOptions>;

/**
 * Limited-memory BFGS with a line search for the strong Wolfe conditions. Needs the whole data in one batch; an epoch is one iteration.
 * The vectors live on the host in float64, where they cost little beside an evaluation of the model.
 *
 * @example
 * ```ts
 * const { model } = await fit(gmnm(2, 1), { x, y }, { optimizer: lbfgs(), epochs: 300 });
 * ```
 */
export function lbfgs({ memory = 20, gradientTolerance = 1e-9 }: LbfgsOptions = {}): Lbfgs {
  if (!(Number.isSafeInteger(memory) && memory >= 1)) {
    throw new GmnmError(`memory must be a whole number above 0, got ${memory}`);
  }
  if (!(gradientTolerance >= 0)) {
    throw new GmnmError(`gradientTolerance must be a number from 0, got ${gradientTolerance}`);
  }
  return { kind: "lbfgs", memory, gradientTolerance };
}

/**
 * Tells L-BFGS, which has a loop of its own, from what takes a step per batch.
 * @throws GmnmError for what is no optimiser, such as the name of one.
 */
export function isLbfgs(optimizer: Optimizer | Lbfgs): optimizer is Lbfgs {
  if (typeof optimizer !== "object" || optimizer === null || !("kind" in optimizer || "update" in optimizer))
    throw new GmnmError(`optimizer must be what adam, adamw, sgd or lbfgs return, got ${quote(optimizer)}`);
  return "kind" in optimizer;
}

/** One iteration's outcome. */
export type LbfgsIteration = Evaluation & { x: Float64Array; evaluations: number };

/** All that an iteration goes on from: where it is, and the pairs of steps and gradient changes it remembers. */
export type LbfgsState = Evaluation & { x: Float64Array; pairs: readonly Pick<Pair, "step" | "change">[] };

/**
 * Minimises, yielding after every iteration; ends when converged or when no step lowers the value any more.
 *
 * @param start a point, or what was yielded before: then it goes on as if it had never ended.
 */
export async function* lbfgsIterations(
  evaluate: Evaluate,
  start: Float64Array | LbfgsState,
  options: Lbfgs,
): AsyncGenerator<LbfgsState> {
  const begun = start instanceof Float64Array ? { ...(await evaluate(start)), x: start, pairs: [] } : start;
  const history: Pair[] = begun.pairs.map(({ step, change }) => ({ step, change, curvature: dot(step, change) }));
  let { x, value, gradient } = begun;
  while (maxAbs(gradient) > options.gradientTolerance) {
    const direction = descentDirection(gradient, history);
    let slope = dot(gradient, direction);
    if (!(slope < 0)) {
      // Rounding has spoilt the memory: begin again from the gradient.
      history.length = 0;
      direction.set(gradient.map((g) => -g));
      slope = -dot(gradient, gradient);
    }
    // The first step has no curvature to go by: at most one unit long.
    const firstStep = history.length === 0 ? Math.min(1, 1 / Math.sqrt(-slope)) : 1;
    const found = await lineSearch(evaluate, x, { value, gradient }, direction, firstStep);
    if (!found) {
      if (history.length === 0) return;
      history.length = 0;
      continue;
    }
    const step = found.x.map((xi, i) => xi - x[i]);
    const change = found.gradient.map((g, i) => g - gradient[i]);
    const curvature = dot(step, change);
    if (curvature > 1e-10 * dot(change, change)) {
      history.push({ step, change, curvature });
      if (history.length > options.memory) history.shift();
    }
    ({ x, value, gradient } = found);
    yield { x, value, gradient, pairs: history };
  }
}

type Pair = { step: Float64Array; change: Float64Array; curvature: number };

/** −H g by the two-loop recursion, H the inverse Hessian that the remembered pairs imply. */
export function descentDirection(gradient: Float64Array, history: readonly Pair[]): Float64Array {
  const q = gradient.slice();
  const alphas = history.map(() => 0);
  for (let i = history.length - 1; i >= 0; i--) {
    alphas[i] = dot(history[i].step, q) / history[i].curvature;
    addScaled(q, -alphas[i], history[i].change);
  }
  const last = history.at(-1);
  if (last) {
    const scale = last.curvature / dot(last.change, last.change);
    for (let i = 0; i < q.length; i++) q[i] *= scale;
  }
  for (let i = 0; i < history.length; i++) {
    const beta = dot(history[i].change, q) / history[i].curvature;
    addScaled(q, alphas[i] - beta, history[i].step);
  }
  return q.map((value) => -value);
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function addScaled(target: Float64Array, factor: number, source: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i] += factor * source[i];
}

const maxAbs = (a: Float64Array): number => a.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
