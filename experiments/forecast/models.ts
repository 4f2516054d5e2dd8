import { dlinear, gmnmForecaster, lstmForecaster, nlinear } from "../../src/models/index.ts";
import {
  type AnyLayer,
  flatten,
  gmnm,
  gmnmLstm,
  linearPerColumn,
  mixtureOverTime,
  multiHeadAttention,
  partOfSeries,
  residual,
  sequential,
  sum,
} from "../../src/nn/index.ts";
import { countParameters } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { initialParams } from "../../src/train/fit.ts";
import { matchParameters } from "../shared/match-parameters.ts";

/** A forecaster, and how many rows it looks back. */
export type Forecaster = {
  lookback: number;
  /** `size` is the hidden size of the LSTM; LSTMs with mixtures get as many parameters as it has, within 5 %. */
  build: (columns: number, horizon: number, size: number) => AnyLayer;
};

const LSTM_LOOKBACK = 96;
const LINEAR_LOOKBACK = 336;
/** Gaussians for an LSTM of a size, and of the GMNM forecaster. */
const componentsFor = (size: number): number => Math.max(4, size >> 2);
const FORECASTER_COMPONENTS = 16;

/** An LSTM with mixtures, as narrow as it takes to have the parameters of the LSTM without. */
const matched = (
  build: (columns: number, horizon: number, hiddenSize: number, numComponents: number) => AnyLayer,
): Forecaster => ({
  lookback: LSTM_LOOKBACK,
  build(columns, horizon, size) {
    const lstm = lstmForecaster(columns, horizon, { hiddenSize: size });
    const target = countParameters(initialParams(lstm, new Random(0)));
    return matchParameters(target, (hiddenSize) => build(columns, horizon, hiddenSize, componentsFor(size)), size >> 1);
  },
});

/** What an LSTM without mixtures can make of all its states: h_T and what its attention finds, or h_T and all states by a weight for each time. */
const attended = (features: number): AnyLayer =>
  sequential(residual(multiHeadAttention(features, { numHeads: 1 })), partOfSeries({ last: 1 }), flatten());
const weighted = (features: number): AnyLayer =>
  sequential(sum(partOfSeries({ last: 1 }), linearPerColumn(LSTM_LOOKBACK, 1, features)), flatten());

/** By name; the number is the lookback. */
export const models: Record<string, Forecaster> = {
  "LSTM 96": {
    lookback: LSTM_LOOKBACK,
    build: (columns, horizon, hiddenSize) => lstmForecaster(columns, horizon, { hiddenSize }),
  },
  "LSTM attention 96": matched((columns, horizon, hiddenSize) =>
    lstmForecaster(columns, horizon, { hiddenSize, over: attended }),
  ),
  "LSTM weights over time 96": matched((columns, horizon, hiddenSize) =>
    lstmForecaster(columns, horizon, { hiddenSize, over: weighted }),
  ),
  "GMNM-LSTM over time 96": matched((columns, horizon, hiddenSize) =>
    lstmForecaster(columns, horizon, { hiddenSize, over: mixtureOverTime }),
  ),
  "GMNM-LSTM cell 96": matched((columns, horizon, hiddenSize, numComponents) =>
    lstmForecaster(columns, horizon, {
      hiddenSize,
      cell: (inFeatures, hidden) => gmnmLstm(inFeatures, hidden, { numComponents }),
    }),
  ),
  "GMNM-LSTM between 96": matched((columns, horizon, hiddenSize, numComponents) =>
    lstmForecaster(columns, horizon, {
      hiddenSize,
      between: (features) => gmnm(features, features, { numComponents }),
    }),
  ),
  "GMNM-LSTM head 96": matched((columns, horizon, hiddenSize, numComponents) =>
    lstmForecaster(columns, horizon, {
      hiddenSize,
      head: (features, outputs) => gmnm(features, outputs, { numComponents }),
    }),
  ),
  "NLinear 336": { lookback: LINEAR_LOOKBACK, build: (_, horizon) => nlinear(LINEAR_LOOKBACK, horizon) },
  "DLinear 336": { lookback: LINEAR_LOOKBACK, build: (_, horizon) => dlinear(LINEAR_LOOKBACK, horizon) },
  "GMNM forecaster 336": {
    lookback: LINEAR_LOOKBACK,
    build: (_, horizon) => gmnmForecaster(LINEAR_LOOKBACK, horizon, { numComponents: FORECASTER_COMPONENTS }),
  },
};
