// An LSTM that forecasts all columns and times at once from its states; where a mixture goes is an argument. Our choice.
import { aroundLastValue } from "../nn/last-value.ts";
import type { AnyLayer, Layer, Params } from "../nn/layer.ts";
import { linear } from "../nn/linear.ts";
import { lstm } from "../nn/lstm.ts";
import { residual } from "../nn/residual.ts";
import { sequential } from "../nn/sequential.ts";
import type { RecurrentOptions } from "../nn/steps.ts";
import { unflatten } from "../nn/unflatten.ts";

/** Options of {@link lstmForecaster}. */
export type LstmForecasterOptions = {
  /** Default 64. */
  hiddenSize?: number;
  /** The recurrent layer; with `over` it is asked for every state. Default {@link lstm}. */
  cell?: (inFeatures: number, hiddenSize: number, options: RecurrentOptions) => AnyLayer;
  /** A layer from the states of all times, (batch, time, features), to one state, (batch, features). Default none: the last state. */
  over?: (features: number) => AnyLayer;
  /** A layer G between the state and the head, as h + G(h). Default none. */
  between?: (features: number) => AnyLayer;
  /** From the state to horizon · columns numbers. Default {@link linear}. */
  head?: (inFeatures: number, outFeatures: number) => AnyLayer;
};

/**
 * Forecasts a series from the last state of a recurrent layer that has read its past relative to its last value, or with `over` from all states.
 *
 * Shapes: (batch, time, columns) → (batch, horizon, columns).
 *
 * @example
 * ```ts
 * const baseline = lstmForecaster(7, 24);
 * const overTime = lstmForecaster(7, 24, { over: mixtureOverTime });
 * const inTheCell = lstmForecaster(7, 24, { cell: gmnmLstm });
 * const between = lstmForecaster(7, 24, { between: (features) => gmnm(features, features) });
 * const head = lstmForecaster(7, 24, { head: gmnm });
 * ```
 */
export function lstmForecaster(columns: number, horizon: number, options: LstmForecasterOptions = {}): Layer<Params> {
  const { hiddenSize = 64, cell = lstm, over, between, head = linear } = options;
  return aroundLastValue(
    sequential(
      cell(columns, hiddenSize, { returnSequence: over !== undefined }), // (batch, hiddenSize) or (batch, time, hiddenSize)
      ...(over ? [over(hiddenSize)] : []), // (batch, hiddenSize)
      ...(between ? [residual(between(hiddenSize))] : []),
      head(hiddenSize, horizon * columns), // (batch, horizon · columns)
      unflatten([horizon, columns]),
    ),
  );
}
