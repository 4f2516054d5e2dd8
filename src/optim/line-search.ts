// J. Nocedal, S. J. Wright, "Numerical Optimization", 2nd ed., algorithms 3.5 and 3.6, with cubic interpolation (equation 3.59).
import { dot, type Evaluate, type Evaluation, type LbfgsIteration } from "./lbfgs.ts";

const SUFFICIENT_DECREASE = 1e-4;
const CURVATURE = 0.9;
const MAX_EVALUATIONS = 25;

type Trial = LbfgsIteration & { t: number; slope: number };

/**
 * A step along a direction that meets the strong Wolfe conditions, or undefined when rounding leaves nothing to gain. When the budget of
 * evaluations runs out, the best step that lowered the value is taken.
 */
export async function lineSearch(
  evaluate: Evaluate,
  x: Float64Array,
  start: Evaluation,
  direction: Float64Array,
  firstStep: number,
): Promise<LbfgsIteration | undefined> {
  const slope0 = dot(start.gradient, direction);
  let evaluations = 0;
  const origin: Trial = { ...start, x, t: 0, slope: slope0, evaluations };
  let best: Trial | undefined;
  const at = async (t: number): Promise<Trial> => {
    const point = x.map((xi, i) => xi + t * direction[i]);
    const found = await evaluate(point);
    evaluations++;
    const slope = dot(found.gradient, direction);
    // Where the value or the gradient is not a number there is no way on: as bad as a value can be.
    const value = Number.isFinite(found.value) && Number.isFinite(slope) ? found.value : Infinity;
    const trial = { ...found, value, x: point, t, slope, evaluations };
    if (value < (best?.value ?? start.value)) best = trial;
    return trial;
  };
  const lowEnough = (trial: Trial) => trial.value <= start.value + SUFFICIENT_DECREASE * trial.t * slope0;
  const flatEnough = (trial: Trial) => Math.abs(trial.slope) <= -CURVATURE * slope0;

  // Bracket a step: grow until the value rises, the slope turns, or the conditions hold.
  let previous = origin;
  let current = await at(firstStep);
  let bracket: [low: Trial, high: Trial] | undefined;
  while (!bracket) {
    if (!lowEnough(current) || (previous.t > 0 && current.value >= previous.value)) bracket = [previous, current];
    else if (flatEnough(current)) return { ...current, evaluations };
    else if (current.slope >= 0) bracket = [current, previous];
    else if (evaluations >= MAX_EVALUATIONS) return best && { ...best, evaluations };
    else {
      const next = interpolate(previous, current);
      const [least, most] = [current.t + 0.01 * (current.t - previous.t), 10 * current.t];
      // It still goes down here: a cubic without a minimum further on goes down for ever.
      const step = next > current.t ? Math.min(most, Math.max(least, next)) : most;
      previous = current;
      current = await at(step);
    }
  }

  // Zoom: `low` always has the lowest value seen that is low enough; the minimum lies between it and `high`.
  let [low, high] = bracket;
  while (evaluations < MAX_EVALUATIONS && Math.abs(high.t - low.t) * Math.abs(slope0) > 1e-16 * Math.abs(start.value)) {
    const trial = await at(inside(interpolate(low, high), low.t, high.t));
    if (!lowEnough(trial) || trial.value >= low.value) high = trial;
    else {
      if (flatEnough(trial)) return { ...trial, evaluations };
      if (trial.slope * (high.t - low.t) >= 0) high = low;
      low = trial;
    }
  }
  return best && { ...best, evaluations };
}

/** The minimiser of the cubic through two values and slopes; NaN where there is none. */
function interpolate(a: Trial, b: Trial): number {
  const d1 = a.slope + b.slope - (3 * (a.value - b.value)) / (a.t - b.t);
  const d2 = Math.sign(b.t - a.t) * Math.sqrt(d1 * d1 - a.slope * b.slope);
  return b.t - (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2));
}

/** Keeps a trial step a tenth of the bracket away from its ends; the midpoint where there is no trial step. */
function inside(t: number, a: number, b: number): number {
  if (!Number.isFinite(t)) return (a + b) / 2;
  const [least, most] = [Math.min(a, b), Math.max(a, b)];
  const margin = 0.1 * (most - least);
  return t >= least + margin && t <= most - margin ? t : Math.min(most - margin, Math.max(least + margin, t));
}
