// Layers of series as they stand in an exported JavaScript module: from a config and parameters to a function of a list of times, each a list of its
// columns.
import type { Pieces } from "./pieces.ts";

const movingAverage = `
/** The mean over a window around each time; the ends are repeated. */
const movingAverage = (x, window) =>
  x.map((row, t) => {
    const first = t - (window - 1 - ((window - 1) >> 1));
    const times = Array.from({ length: window }, (_, w) => x[Math.min(Math.max(first + w, 0), x.length - 1)]);
    return row.map((_, c) => times.reduce((sum, time) => sum + time[c], 0) / window);
  });`;

const lstmSteps = `
/** h after every step, from the four gates i, f, g, o of an input and the h before it. */
function lstmSteps(x, n, { returnSequence }, gatesOf) {
  let [h, c] = [new Array(n).fill(0), new Array(n).fill(0)];
  const states = x.map((input) => {
    const gates = gatesOf(input, h);
    c = c.map((cell, i) => sigmoid(gates[n + i]) * cell + sigmoid(gates[i]) * Math.tanh(gates[2 * n + i]));
    h = c.map((cell, i) => sigmoid(gates[3 * n + i]) * Math.tanh(cell));
    return h;
  });
  return returnSequence ? states : h;
}`;

const lstm = `
const lstm = (config, { inputWeights, hiddenWeights, bias }) => (x) =>
  lstmSteps(x, config.hiddenSize, config, (input, h) => affine(h, hiddenWeights, affine(input, inputWeights, bias.data)));`;

const gmnmLstm = `
/** An LSTM with a mixture of Gaussians of (x_t, h) in its candidate or in all gates. */
const gmnmLstm = (config, p) => (x) => {
  const { hiddenSize: n, numComponents: m, rank, placement } = config;
  return lstmSteps(x, n, config, (input, h) => {
    const gates = affine(h, p.hiddenWeights, affine(input, p.inputWeights, p.bias.data));
    const y = affine(h, p.hiddenProjections, affine(input, p.inputProjections, p.offsets.data.map((v) => -v)));
    const f = Array.from({ length: m }, (_, k) => {
      let squares = 0;
      for (let r = 0; r < rank; r++) squares += y[r * m + k] ** 2;
      return Math.exp(-0.5 * squares);
    });
    const first = placement === "gates" ? 0 : 2 * n;
    affine(f, p.mixtureWeights).forEach((value, i) => {
      gates[first + i] += value;
    });
    return gates;
  });
};`;

const gru = `
const gru = ({ hiddenSize: n, returnSequence }, { inputWeights, hiddenWeights, bias, candidateBias }) => (x) => {
  let h = new Array(n).fill(0);
  const states = x.map((input) => {
    const [a, b] = [affine(input, inputWeights, bias.data), affine(h, hiddenWeights)];
    h = h.map((before, i) => {
      const z = sigmoid(a[n + i] + b[n + i]);
      const candidate = Math.tanh(a[2 * n + i] + sigmoid(a[i] + b[i]) * (b[2 * n + i] + candidateBias.data[i]));
      return (1 - z) * candidate + z * before;
    });
    return h;
  });
  return returnSequence ? states : h;
};`;

const mixtureOverTime = `
/** The last state and all others, weighted for each feature by a mixture of Gaussians of the time. */
const mixtureOverTime = ({ numComponents: m }, { centers, scales, weights }) => (x) => {
  const y = [...x[x.length - 1]];
  x.forEach((state, t) => {
    const time = (m * (t + 0.5)) / x.length;
    const f = Array.from({ length: m }, (_, k) => Math.exp(-0.5 * (scales.data[k] * (time - centers.data[k])) ** 2));
    affine(f, weights).forEach((weight, j) => {
      y[j] += weight * state[j];
    });
  });
  return y;
};`;

const overTime = `
const transpose = (x) => x[0].map((_, c) => x.map((row) => row[c]));
/** A layer along the time axis, each column by itself. */
const overTime = ({ layer }, params) => {
  const inner = build(layer, params);
  return (x) => transpose(inner(transpose(x)));
};`;

const aroundLastValue = `
/** x_T + layer(x − x_T). */
const aroundLastValue = ({ layer }, params) => {
  const inner = build(layer, params);
  return (x) => {
    const last = x[x.length - 1];
    return inner(x.map((row) => row.map((v, c) => v - last[c]))).map((row) => row.map((v, c) => v + last[c]));
  };
};`;

const relativeToLastValue = `
const relativeToLastValue = () => (x) => x.map((row) => row.map((value, c) => value - x[x.length - 1][c]));`;

const decomposition = `
/** trend(m) + remainder(x − m) with m the moving average. */
const decomposition = ({ trend, remainder, window }, params) => {
  const [smooth, rest] = [build(trend, params.trend), build(remainder, params.remainder)];
  return (x) => {
    const average = movingAverage(x, window);
    return add(smooth(average), rest(x.map((row, t) => row.map((value, c) => value - average[t][c]))));
  };
};`;

const linearPerColumn = `
/** A linear map from past to future for each column: weights (columns, lookback, horizon). */
const linearPerColumn = ({ lookback, horizon, columns }, { weights, bias }) => (x) =>
  Array.from({ length: horizon }, (_, h) =>
    Array.from({ length: columns }, (_, c) => {
      let y = bias.data[c * horizon + h];
      for (let t = 0; t < lookback; t++) y += x[t][c] * weights.data[(c * lookback + t) * horizon + h];
      return y;
    }),
  );`;

const partOfSeries = `
const partOfSeries = ({ columns, last }) => (x) =>
  x.slice(last ? -last : 0).map((row) => (columns ? columns.map((column) => row[column]) : row));`;

const unflatten = `
/** (…, product of shape) → (…, ...shape). */
const unflatten = ({ shape }) =>
  perVector((x) =>
    shape.slice(1).reduceRight(
      (parts, size) => Array.from({ length: parts.length / size }, (_, i) => parts.slice(i * size, (i + 1) * size)),
      x,
    ),
  );`;

/** Evaluators by the type of their layer; they build on those of features. */
export const jsSeriesLayers: Pieces = {
  movingAverage: { source: movingAverage },
  lstmSteps: { source: lstmSteps, needs: ["functions"] },
  lstm: { source: lstm, needs: ["affine", "lstmSteps"] },
  gmnmLstm: { source: gmnmLstm, needs: ["affine", "lstmSteps"] },
  gru: { source: gru, needs: ["affine", "functions"] },
  mixtureOverTime: { source: mixtureOverTime, needs: ["affine"] },
  overTime: { source: overTime },
  aroundLastValue: { source: aroundLastValue },
  relativeToLastValue: { source: relativeToLastValue },
  decomposition: { source: decomposition, needs: ["add", "movingAverage"] },
  linearPerColumn: { source: linearPerColumn },
  partOfSeries: { source: partOfSeries },
  flatten: { source: "const flatten = () => (x) => x.flat(Infinity);" },
  unflatten: { source: unflatten, needs: ["perVector"] },
};
