// NLinear's normalisation: A. Zeng et al., "Are transformers effective for time series forecasting?", arXiv:2205.13504, section 4.
import { GmnmError } from "../errors.ts";
import { showShape, type Tensor, toArray, toTensor } from "../tensor.ts";
import type { AnyLayer, Layer, Params } from "./layer.ts";
import { expectSeries, lastValue } from "./series.ts";

/**
 * A forecaster that sees a series relative to its last value, which is added back to what it forecasts: x_T + layer(x − x_T). A level that the
 * training data did not have is then no other input, which matters where Gaussians would be left behind. Its parameters are those of
 * the layer.
 *
 * Shapes: (batch, lookback, columns) → (batch, horizon, columns).
 *
 * @example
 * ```ts
 * const forecaster = aroundLastValue(sequential(lstm(7, 64), linear(64, 24 * 7), unflatten([24, 7])));
 * ```
 * @throws GmnmError for x of other axes, and where the layer does not forecast the columns it is given.
 */
export function aroundLastValue(layer: AnyLayer): Layer<Params> {
  const { adapt } = layer;
  const relative = (sample: Tensor): Tensor => {
    const x = toArray(sample);
    return toTensor(x.ref.sub(lastValue(x)));
  };
  return {
    config: { type: "aroundLastValue", layer: layer.config },
    init: (random, sample) => layer.init(random, sample && relative(sample)),
    apply(params, x, context) {
      expectSeries("aroundLastValue", x);
      const [batch, , columns] = x.shape;
      const last = lastValue(x.ref); // (batch, 1, columns)
      const change = layer.apply(params, x.sub(last.ref), context); // (batch, horizon, columns)
      const fits = change.ndim === 3 && change.shape[0] === batch && change.shape[2] === columns;
      if (!fits) {
        const expected = `(${batch}, horizon, ${columns})`;
        throw new GmnmError(`aroundLastValue expected its layer to give ${expected}, got ${showShape(change.shape)}`);
      }
      return change.add(last);
    },
    ...(adapt && { adapt: (params: Params, sample: Tensor) => adapt(params, relative(sample)) }),
  };
}
