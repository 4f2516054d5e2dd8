import { numpy as np } from "@jax-js/jax";
import { expectAxes } from "./layer.ts";

/** Throws unless x is a series, (batch, time, columns). */
export const expectSeries = (layer: string, x: np.Array): void => expectAxes(layer, x, "batch", "time", "columns");

/** The last time of a series: (batch, time, columns) → (batch, 1, columns). */
export const lastValue = (x: np.Array): np.Array => x.slice([], [x.shape[1] - 1, x.shape[1]], []);

/**
 * The mean over a window centred on each time; the ends are repeated so that there is one everywhere. Shapes: (batch, time, columns) → the
 * same. As a product with a fixed (time, time) matrix, which is fast for the lookbacks there are (our choice).
 */
export function movingAverage(x: np.Array, window: number): np.Array {
  const time = x.shape[1];
  const before = window - 1 - ((window - 1) >> 1);
  const data = new Float32Array(time * time);
  for (let t = 0; t < time; t++) {
    for (let w = 0; w < window; w++) {
      const at = Math.min(Math.max(t - before + w, 0), time - 1);
      data[at * time + t] += 1 / window; // column t is what time t is made of
    }
  }
  const average = np.array(data, { shape: [time, time], dtype: np.float32 });
  return np.matmul(x.transpose([0, 2, 1]), average).transpose([0, 2, 1]);
}
