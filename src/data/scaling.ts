import { type Tensor, tensor } from "../tensor.ts";

/** A column-wise change of scale and its inverse. */
export type Scaler = { apply(values: Tensor): Tensor; invert(values: Tensor): Tensor };

/**
 * Subtracts each column's mean and divides by its standard deviation, both taken from the given rows (rows, columns): from the training
 * rows, never from the test rows. A constant column becomes 0.
 *
 * @example
 * ```ts
 * const scaler = standardScaler(train);
 * const { data } = scaler.apply(test);
 * ```
 */
export function standardScaler({ data, shape: [rows, columns] }: Tensor): Scaler {
  const means = new Float64Array(columns);
  const deviations = new Float64Array(columns);
  data.forEach((value, i) => {
    means[i % columns] += value / rows;
  });
  data.forEach((value, i) => {
    deviations[i % columns] += (value - means[i % columns]) ** 2 / rows;
  });
  for (let j = 0; j < columns; j++) deviations[j] = Math.sqrt(deviations[j]) || 1;
  const map = (t: Tensor, f: (value: number, column: number) => number) =>
    tensor(
      t.data.map((value, i) => f(value, i % columns)),
      t.shape,
    );
  return {
    apply: (t) => map(t, (value, j) => (value - means[j]) / deviations[j]),
    invert: (t) => map(t, (value, j) => value * deviations[j] + means[j]),
  };
}
