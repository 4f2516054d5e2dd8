// Layers of features as they stand in an exported JavaScript module: from a config and parameters to a function of one list of numbers, or of lists
// within lists.
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

const additiveGmnm = `
/** Σ_j Σ_k π_jk exp(−½ s_jk² (x_j − μ_jk)²) + b + xA: a mixture of each feature by itself. */
const additiveGmnm = ({ numComponents: m }, { centers, scales, weights, skip, bias }) =>
  perVector((x) => {
    const f = Array.from(centers.data, (center, i) =>
      Math.exp(-0.5 * (scales.data[i] * (x[Math.floor(i / m)] - center)) ** 2),
    );
    return affine(f, weights, affine(x, skip, bias.data));
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

/** Evaluators by the type of their layer, and what all layers share. */
export const jsFeatureLayers: Pieces = {
  perVector: { source: perVector },
  affine: { source: affine },
  functions: { source: functions },
  squaredDistances: { source: squaredDistances },
  gmnm: { source: gmnm, needs: ["perVector", "affine", "squaredDistances"] },
  rbf: { source: "const rbf = gmnm;", needs: ["gmnm"] },
  additiveGmnm: { source: additiveGmnm, needs: ["perVector", "affine"] },
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
};
