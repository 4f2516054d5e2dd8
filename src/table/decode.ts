import { GmnmError } from "../errors.ts";
import { type ExactTensor, showShape } from "../tensor.ts";
import type { Target } from "./preprocessing.ts";
import { signedExp } from "./statistics.ts";

/** Predictions in the target's own terms. */
export type Decoded =
  | { kind: "numbers"; columns: { name: string; values: Float64Array<ArrayBuffer> }[] }
  | {
      kind: "classes";
      name: string;
      classes: readonly string[];
      /** (rows): the most probable class. */
      labels: string[];
      /** (rows, classes), row-major. */
      probabilities: Float64Array<ArrayBuffer>;
    };

/**
 * What a model's outputs say, in the target's own units: numbers, or classes with their probabilities.
 *
 * @param outputs - (rows, outputs), as `predict` gives them.
 * @throws GmnmError when there are not as many outputs as the target needs.
 *
 * @example
 * ```ts
 * const decoded = decodeOutputs(await predict(model, encodeInputs(table, preprocessing)), preprocessing.target);
 * ```
 */
export function decodeOutputs({ data, shape }: ExactTensor, target: Target): Decoded {
  const width = target.kind === "numbers" ? target.columns.length : target.classes.length;
  if (shape.length !== 2 || shape[1] !== width) {
    throw new GmnmError(`expected outputs of shape (rows, ${width}), got ${showShape(shape)}`);
  }
  const [rows] = shape;
  if (target.kind === "numbers") {
    const columns = target.columns.map(({ name, transform, center, scale }, j) => {
      const inverse = transform === "signedLog" ? signedExp : (v: number) => v;
      return {
        name,
        values: Float64Array.from({ length: rows }, (_, i) => inverse(data[i * width + j] * scale + center)),
      };
    });
    return { kind: "numbers", columns };
  }
  const probabilities = new Float64Array(rows * width);
  const labels = Array.from({ length: rows }, (_, i) => {
    const row = Array.from(data.subarray(i * width, (i + 1) * width));
    const largest = row.reduce((a, b) => Math.max(a, b));
    const total = row.reduce((sum, logit) => sum + Math.exp(logit - largest), 0);
    row.forEach((logit, c) => {
      probabilities[i * width + c] = Math.exp(logit - largest) / total;
    });
    return target.classes[row.indexOf(largest)];
  });
  return { kind: "classes", name: target.name, classes: target.classes, labels, probabilities };
}
