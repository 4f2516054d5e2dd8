// How far an exported model is from this one: in float32 as `predict` computes, and in float64, where rounding hides nothing.
import { numpy as np } from "@jax-js/jax";
import { onDevice, ready } from "../compile/executor.ts";
import type { Model } from "../model.ts";
import type { Params } from "../nn/layer.ts";
import { mapTensors } from "../params.ts";
import { dateOf } from "../table/dates.ts";
import { type AnyPreprocessing, isSeries, type JsonRow, type Prediction } from "../table/json-rows.ts";
import { signedExp } from "../table/statistics.ts";
import type { ExactTensor, Tensor } from "../tensor.ts";

/**
 * What the layers say of x, computed in float64 on the host: slow, and exact but for constants that layers hold in float32.
 *
 * Two right evaluations in float32 may differ by more than 1e-5 where large weights of overlapping Gaussians cancel; in float64 they do not.
 */
export async function predictInDouble({ layer, params }: Model, x: Tensor): Promise<ExactTensor> {
  await ready();
  return onDevice("cpu", () => {
    const place = ({ data, shape }: Tensor) =>
      np.array(Float64Array.from(data), { shape: [...shape], dtype: np.float64, device: "cpu" });
    const y = layer.apply(mapTensors(params, place) as Params, place(x), {});
    const { shape } = y;
    return { data: Float64Array.from(y.dataSync()), shape };
  });
}

/**
 * The largest difference between predictions, relative to the larger of the value and the spread of its target in training; of probabilities the
 * largest difference itself. Infinity where they do not belong to the same rows and targets.
 */
export function largestError(
  actual: readonly Prediction[],
  expected: readonly Prediction[],
  preprocessing: AnyPreprocessing,
): number {
  if (actual.length !== expected.length) return Infinity;
  const errors = expected.map((prediction, i) => errorOf(actual[i], prediction, preprocessing));
  return Math.max(0, ...errors.map((error) => (Number.isNaN(error) ? Infinity : error)));
}

function errorOf(actual: Prediction, expected: Prediction, preprocessing: AnyPreprocessing): number {
  const classes = !isSeries(preprocessing) && preprocessing.target.kind === "classes";
  if (classes) {
    const [a, e] = [actual, expected].map(({ probabilities }) => probabilities as unknown as Record<string, number>);
    return Math.max(...Object.keys(e).map((name) => Math.abs(a[name] - e[name])));
  }
  const [a, e] = [actual, expected] as [Record<string, number>, Record<string, number>];
  const errors = columnsOf(preprocessing).map(({ name, transform, scale }) => {
    const size = transform === "signedLog" ? scale * (1 + Math.abs(e[name])) : scale;
    return Math.abs(a[name] - e[name]) / Math.max(Math.abs(e[name]), transform === "log" ? 0 : size);
  });
  return Math.max(...errors);
}

function columnsOf(preprocessing: AnyPreprocessing): { name: string; transform: string; scale: number }[] {
  if (isSeries(preprocessing)) return preprocessing.targets.map((place) => preprocessing.columns[place]);
  return preprocessing.target.kind === "numbers" ? preprocessing.target.columns : [];
}

/** Rows made up around the middle of every column, for exports that are checked without rows of one's own. */
export function madeUpRows(preprocessing: AnyPreprocessing, rows = 16): JsonRow[] {
  // Irrational steps: a row never meets the same corner twice.
  const at = (i: number, j: number) => 3 * (((i + 1) * 0.6180339887 + (j + 1) * 0.7548776662) % 1) - 1.5;
  if (isSeries(preprocessing)) {
    const { lookback, columns } = preprocessing;
    return Array.from({ length: lookback }, (_, i) =>
      Object.fromEntries(
        columns.map(({ name, transform, center, scale }, j) => {
          const value = center + scale * at(i, j);
          return [name, transform === "log" ? Math.exp(value) : value];
        }),
      ),
    );
  }
  return Array.from({ length: rows }, (_, i) =>
    Object.fromEntries(
      preprocessing.inputs.map((input, j) => {
        if (i % 8 === 7 && j % 2 === 0) return [input.name, null];
        if (input.kind === "category") return [input.name, input.levels[(i + j) % input.levels.length] ?? null];
        const value = input.center + input.scale * at(i, j);
        if (input.kind === "date") return [input.name, isoDate(value)];
        return [input.name, input.transform === "signedLog" ? signedExp(value) : value];
      }),
    ),
  );
}

/** A date of four digits' year, to the second. */
function isoDate(days: number): string {
  const date = dateOf(days);
  const year = date.getUTCFullYear();
  return year >= 1 && year <= 9999 ? `${date.toISOString().slice(0, 19)}Z` : "2000-01-01";
}
