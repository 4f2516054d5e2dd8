import type { Model } from "../../model.ts";
import { linearPerColumn } from "../../nn/linear-per-column.ts";
import { overTime } from "../../nn/over-time.ts";
import { partOfSeries } from "../../nn/part-of-series.ts";
import { relativeToLastValue } from "../../nn/relative.ts";
import { sequential } from "../../nn/sequential.ts";
import { sum } from "../../nn/sum.ts";
import { tensor } from "../../tensor.ts";
import type { LinearMap } from "./linear-map.ts";
import type { MixtureChoice } from "./mixture.ts";

/** A mixture beside the linear maps, and what it looks at. */
export type Correction = { choice: MixtureChoice; mixture: Model };

/**
 * One model of everything: each target's linear map, and, where there is one, the mixture's correction.
 * (batch, lookback, columns) → (batch, horizon, targets).
 */
export function assemble(maps: readonly LinearMap[], targets: readonly number[], correction?: Correction): Model {
  const [{ lookback, horizon }] = maps;
  const weights = new Float32Array(maps.length * lookback * horizon);
  const bias = new Float32Array(maps.length * horizon);
  maps.forEach((map, i) => {
    weights.set(map.weights, i * lookback * horizon);
    bias.set(map.bias, i * horizon);
  });
  const linear: Model = {
    layer: sequential(partOfSeries({ columns: targets }), linearPerColumn(lookback, horizon, maps.length)),
    params: [
      {},
      { weights: tensor(weights, [maps.length, lookback, horizon]), bias: tensor(bias, [maps.length, horizon]) },
    ],
  };
  if (!correction) return linear;
  const { choice, mixture } = correction;
  const beside: Model = {
    layer: sequential(
      partOfSeries({ columns: targets, last: choice.lags }),
      ...(choice.relative ? [relativeToLastValue()] : []),
      overTime(mixture.layer),
    ),
    params: [{}, ...(choice.relative ? [{}] : []), mixture.params],
  };
  return { layer: sum(linear.layer, beside.layer), params: [linear.params, beside.params] };
}
