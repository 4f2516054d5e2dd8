import { GmnmError } from "../errors.ts";
import { type ExactTensor, showShape, type Tensor } from "../tensor.ts";

/** A measure of predictions against targets on the host, both (rows, outputs). */
export type Metric = (prediction: Tensor, target: Tensor) => number;

/** Takes float64, too: float32 would round values such as prices. */
type NumberMetric = (prediction: ExactTensor, target: ExactTensor) => number;

/** Mean squared error. */
export const meanSquaredError: NumberMetric = (p, t) => meanOver(p, t, (a, b) => (a - b) ** 2);
/** Root of the mean squared error: in the target's own unit. */
export const rmse: NumberMetric = (p, t) => Math.sqrt(meanSquaredError(p, t));
/** Mean absolute error. */
export const meanAbsoluteError: NumberMetric = (p, t) => meanOver(p, t, (a, b) => Math.abs(a - b));
/** RMSE over the standard deviation of the targets, √(1 − R²): 1 is no better than their mean. */
export const relativeRmse: NumberMetric = (p, t) => rmse(p, t) / standardDeviation(t);
/** Coefficient of determination R². */
export const r2: NumberMetric = (p, t) => 1 - relativeRmse(p, t) ** 2;
/** Relative L2 error ‖prediction − target‖ / ‖target‖, the usual measure for solutions of differential equations. */
export const relativeL2: NumberMetric = (p, t) => rmse(p, t) / Math.sqrt(meanOver(t, t, (a) => a * a));
/** Share of rows (…, classes) whose largest logit is that of the one-hot target. */
export const accuracy: Metric = (p, t) => {
  let right = 0;
  const rows = eachRow(p, t, (i, classes) => {
    if (argMax(p.data, i, classes) === argMax(t.data, i, classes)) right++;
  });
  return right / rows;
};
/** Mean of −Σ target · log softmax(logits) over rows (…, classes), in nats: cross-entropy, measured in float64. */
export const negativeLogLikelihood: Metric = (p, t) => {
  let sum = 0;
  const rows = eachRow(p, t, (i, classes) => {
    const largest = p.data[i + argMax(p.data, i, classes)];
    let total = 0;
    for (let c = i; c < i + classes; c++) total += Math.exp(p.data[c] - largest);
    const logTotal = largest + Math.log(total);
    for (let c = i; c < i + classes; c++) sum += t.data[c] * (logTotal - p.data[c]);
  });
  return sum / rows;
};

/**
 * How often each class was taken for each: row = the target's class, column = the class of the largest logit. Both (…, classes).
 *
 * @example
 * ```ts
 * const counts = confusionMatrix(await predict(model, x), y);
 * const sevensTakenForOnes = counts[7][1];
 * ```
 */
export function confusionMatrix(p: Tensor, t: Tensor): number[][] {
  const classes = p.shape[p.shape.length - 1];
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  eachRow(p, t, (i) => {
    counts[argMax(t.data, i, classes)][argMax(p.data, i, classes)]++;
  });
  return counts;
}

/** Calls with where each row (…, classes) begins; returns how many there are. */
function eachRow(p: Tensor, t: Tensor, visit: (start: number, classes: number) => void): number {
  checkShapes(p, t);
  const classes = p.shape[p.shape.length - 1];
  for (let i = 0; i < p.data.length; i += classes) visit(i, classes);
  return p.data.length / classes;
}

function checkShapes(p: ExactTensor, t: ExactTensor): void {
  if (showShape(p.shape) !== showShape(t.shape)) {
    throw new GmnmError(
      `predictions of shape ${showShape(p.shape)} cannot be compared with targets of shape ${showShape(t.shape)}`,
    );
  }
}

function meanOver(p: ExactTensor, t: ExactTensor, measure: (a: number, b: number) => number): number {
  checkShapes(p, t);
  let sum = 0;
  for (let i = 0; i < p.data.length; i++) sum += measure(p.data[i], t.data[i]);
  return sum / p.data.length;
}

function standardDeviation(t: ExactTensor): number {
  const mean = meanOver(t, t, (a) => a);
  return Math.sqrt(meanOver(t, t, (a) => (a - mean) ** 2));
}

function argMax(data: Float32Array, from: number, length: number): number {
  let best = 0;
  for (let c = 1; c < length; c++) if (data[from + c] > data[from + best]) best = c;
  return best;
}
