import { GmnmError } from "../errors.ts";
import { showShape, type Tensor } from "../tensor.ts";
import { type FieldOptions, field } from "./field.ts";
import { rangeOf } from "./numbers.ts";

/**
 * A target, its prediction on the same colour scale, and the error, prediction − target, on one of its own around 0.
 *
 * @param values - target and prediction, both (rows, columns) as for {@link field}.
 * @returns three standalone SVGs; `row(fields(…), 16)` puts them into one.
 *
 * @example
 * ```ts
 * const figures = fields({ target, prediction }, { box: [[-1, 1], [-1, 1]] });
 * ```
 * @throws GmnmError when the two shapes differ.
 */
export function fields(
  { target, prediction }: { target: Tensor; prediction: Tensor },
  options: Omit<FieldOptions, "title" | "symmetric" | "range">,
): [target: string, prediction: string, error: string] {
  if (showShape(target.shape) !== showShape(prediction.shape)) {
    throw new GmnmError(
      `fields expected a prediction of the target's shape ${showShape(target.shape)}, got ${showShape(prediction.shape)}`,
    );
  }
  const range = rangeOf([...target.data, ...prediction.data]);
  const error = { data: target.data.map((value, i) => prediction.data[i] - value), shape: target.shape };
  return [
    field(target, { ...options, range, title: "Target" }),
    field(prediction, { ...options, range, title: "Prediction" }),
    field(error, { ...options, symmetric: true, title: "Error" }),
  ];
}
