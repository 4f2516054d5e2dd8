// Layers as they stand in an exported JavaScript module: from a layer's config and parameters to a function of one row. A row is a list of
// numbers, that of a series a list of times, each a list of its columns. Numbers are computed in float64.
import type { Pieces } from "./pieces.ts";

/** A layer of features, (…, inFeatures) → (…, outFeatures), given as a function of one list of numbers. */
const perVector = `
/** A function of one list of numbers, for lists within lists too. */
const perVector = (f) => (x) => (Array.isArray(x[0]) ? x.map(perVector(f)) : f(x));`;

const affine = `
/** x W, added to start: x (in), W (in, out). */
function affine(x, { data, shape: [, out] }, start) {
  const y = start ? Array.from(start) : new Array(out).fill(0);
  for (let i = 0; i < x.length; i++) for (let o = 0; o < out; o++) y[o] += x[i] * data[i * out + o];
  return y;
}`;

const functions = `
const sigmoid = (x) => 1 / (1 + Math.exp(-x));
const silu = (x) => x * sigmoid(x);`;

const squaredDistances = `
/** y_k² = ‖P_k (x − μ_k)‖² of every Gaussian k; P is (d, rank, m), of diagonals (d, m), of scales (m). */
function squaredDistances({ aggregate }, { centers, offsets, projections: { data, shape }, weights }, x) {
  const d = x.length;
  const m = weights.shape[0];
  const rank = shape.length === 3 ? shape[1] : d;
  return Array.from({ length: m }, (_, k) => {
    const z = (j) => x[j] - (centers ? centers.data[k * d + j] : 0);
    let sum = 0;
    let squares = 0;
    for (let r = 0; r < rank; r++) {
      let y = offsets ? -offsets.data[r * m + k] : 0;
      if (shape.length === 3) for (let j = 0; j < d; j++) y += data[(j * rank + r) * m + k] * z(j);
      else y += data[shape.length === 2 ? r * m + k : k] * z(r);
      sum += y;
      squares += y * y;
    }
    return aggregate === "sum" ? sum * sum : squares;
  });
}`;

const gmnm = `
/** Σ_k π_k exp(−½ y_k²) + b + xA; with a partition of unity the weights are shares. */
const gmnm = (config, params) =>
  perVector((x) => {
    const squares = squaredDistances(config, params, x);
    const nearest = config.partitionOfUnity ? Math.min(...squares) : 0;
    const f = squares.map((y2) => Math.exp(-0.5 * (y2 - nearest)));
    const total = config.partitionOfUnity ? f.reduce((sum, value) => sum + value, 0) : 1;
    const y = affine(f.map((value) => value / total), params.weights, params.bias?.data);
    return params.skip ? affine(x, params.skip, y) : y;
  });`;

const kan = `
/** Σ_i (w_i silu(x_i) + Σ_g c_ig B_g(x_i)) with cubic B-splines on a uniform grid. */
const kan = ({ gridSize }, { coefficients: { data, shape }, base, buffers: { grid } }) =>
  perVector((x) => {
    const cube = (u) => Math.max(0, u) ** 3;
    const basis = x.flatMap((value, i) => {
      const [low, high] = [grid.data[i], grid.data[x.length + i]];
      const position = ((value - low) / (high - low)) * gridSize;
      return Array.from({ length: gridSize + 3 }, (_, g) => {
        const u = Math.abs(position - (g - 1));
        return (cube(2 - u) - 4 * cube(1 - u)) / 6;
      });
    });
    return affine(basis, { data, shape: [basis.length, shape[2]] }, affine(x.map(silu), base));
  });`;

const fastKan = `
/** Σ_i (w_i silu(x_i) + Σ_g c_ig exp(−((x_i − t_g)/h)²)) + b on a fixed grid t. */
const fastKan = ({ numGrids, grid: [low, high] }, { coefficients: { data, shape }, base, bias, norm }) =>
  perVector((x) => {
    const spacing = (high - low) / (numGrids - 1);
    const z = norm ? layerNorm({ epsilon: 1e-5 }, norm)(x) : x;
    const basis = z.flatMap((value) =>
      Array.from({ length: numGrids }, (_, g) => Math.exp(-(((value - low) / spacing - g) ** 2))),
    );
    return affine(basis, { data, shape: [basis.length, shape[2]] }, affine(x.map(silu), base, bias.data));
  });`;

const layerNorm = `
const layerNorm = ({ epsilon }, { scale, bias }) =>
  perVector((x) => {
    const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
    const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
    const y = x.map((value) => (value - mean) / Math.sqrt(variance + epsilon));
    return scale ? y.map((value, i) => value * scale.data[i] + bias.data[i]) : y;
  });`;

const batchNorm = `
const batchNorm = ({ epsilon }, { scale, bias, buffers: { mean, variance } }) =>
  perVector((x) =>
    x.map((v, i) => ((v - mean.data[i]) / Math.sqrt(variance.data[i] + epsilon)) * scale.data[i] + bias.data[i]),
  );`;

const activation = `
const activations = {
  relu: (x) => Math.max(0, x),
  tanh: Math.tanh,
  sigmoid,
  silu,
  gelu: (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * x * (1 + 0.044715 * x * x))),
  sin: Math.sin,
  identity: (x) => x,
};
const activation = ({ name }) => perVector((x) => x.map(activations[name]));`;

const gaussianMixtureActivation = `
/** Σ_k π_k exp(−½ s_k² (x − μ_k)²) + slope · x + bias, one per channel. */
const gaussianMixtureActivation = (config, { centers, scales, weights, slope, bias }) =>
  perVector((x) =>
    x.map((value, c) => {
      let y = slope.data[c] * value + bias.data[c];
      for (let i = c; i < weights.data.length; i += x.length) {
        y += weights.data[i] * Math.exp(-0.5 * (scales.data[i] * (value - centers.data[i])) ** 2);
      }
      return y;
    }),
  );`;

const addLists = `
/** The sum of two results of one shape. */
const add = (a, b) => (Array.isArray(a) ? a.map((part, i) => add(part, b[i])) : a + b);`;

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

const ensemble = `
/** The mean of what the members say. */
const ensemble = ({ layers }, params) => {
  const members = layers.map((layer, i) => build(layer, params[i]));
  const over = (y) => (Array.isArray(y) ? y.map(over) : y / members.length);
  return (x) => over(members.map((member) => member(x)).reduce(add));
};`;

const sequential = `
const sequential = ({ layers }, params) => {
  const steps = layers.map((layer, i) => build(layer, params[i]));
  return (x) => steps.reduce((h, step) => step(h), x);
};`;

const sum = `
const sum = ({ layers }, params) => {
  const parts = layers.map((layer, i) => build(layer, params[i]));
  return (x) => parts.map((part) => part(x)).reduce(add);
};`;

const residual = `
const residual = ({ layer }, params) => {
  const inner = build(layer, params);
  return (x) => add(x, inner(x));
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

/** Evaluators by the type of their layer, and what they share. */
export const jsLayers: Pieces = {
  perVector: { source: perVector },
  affine: { source: affine },
  functions: { source: functions },
  squaredDistances: { source: squaredDistances },
  add: { source: addLists },
  movingAverage: { source: movingAverage },
  lstmSteps: { source: lstmSteps, needs: ["functions"] },
  gmnm: { source: gmnm, needs: ["perVector", "affine", "squaredDistances"] },
  rbf: { source: "const rbf = gmnm;", needs: ["gmnm"] },
  kan: { source: kan, needs: ["perVector", "affine", "functions"] },
  fastKan: { source: fastKan, needs: ["perVector", "affine", "functions", "layerNorm"] },
  linear: {
    source: "const linear = (config, { weights, bias }) => perVector((x) => affine(x, weights, bias?.data));",
    needs: ["perVector", "affine"],
  },
  activation: { source: activation, needs: ["perVector", "functions"] },
  gaussianMixtureActivation: { source: gaussianMixtureActivation, needs: ["perVector"] },
  layerNorm: { source: layerNorm, needs: ["perVector"] },
  batchNorm: { source: batchNorm, needs: ["perVector"] },
  dropout: { source: "const dropout = () => (x) => x; // drops only while training" },
  sequential: { source: sequential },
  residual: { source: residual, needs: ["add"] },
  ensemble: { source: ensemble, needs: ["add"] },
  sum: { source: sum, needs: ["add"] },
  lstm: { source: lstm, needs: ["affine", "lstmSteps"] },
  gmnmLstm: { source: gmnmLstm, needs: ["affine", "lstmSteps"] },
  gru: { source: gru, needs: ["affine", "functions"] },
  overTime: { source: overTime },
  aroundLastValue: { source: aroundLastValue },
  relativeToLastValue: { source: relativeToLastValue },
  decomposition: { source: decomposition, needs: ["add", "movingAverage"] },
  linearPerColumn: { source: linearPerColumn },
  partOfSeries: { source: partOfSeries },
  flatten: { source: "const flatten = () => (x) => x.flat(Infinity);" },
  unflatten: { source: unflatten, needs: ["perVector"] },
};
