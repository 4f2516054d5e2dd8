// What there is to see within a model: its Gaussians, its learnt curves, the images its Gaussians look for.
import { type ComponentDescription, describeComponents, type Model, novelty, type Tensor } from "../gmnm.ts";
import { planeGrid, type View } from "../tasks/problem.ts";
import { COMPONENT_STRIDE, type ModelFrame, NOVELTY_SIDE } from "./messages.ts";

type Tensors = Record<string, Tensor>;

export const isMixture = ({ layer: { config } }: Model): boolean => config.type === "gmnm" || config.type === "rbf";

/** Components of one or two features, packed. */
export function packComponents({ layer, params }: Model, sample: Tensor): Float32Array {
  const list = describeComponents(layer.config, params, sample);
  const strengths = list.map(strengthOf);
  const total = strengths.reduce((sum, strength) => sum + strength, 0) || 1;
  const packed = new Float32Array(list.length * COMPONENT_STRIDE);
  list.forEach((component, k) => {
    const { center, precision, weight, meanActivation = 0, dead = false } = component;
    const flat = center.length === 1;
    const matrix = flat ? [precision[0][0], 0, 0] : [precision[0][0], precision[0][1], precision[1][1]];
    packed.set(
      [center[0], center[1] ?? 0, ...matrix, height(weight), strengths[k] / total, meanActivation, Number(dead)],
      k * COMPONENT_STRIDE,
    );
  });
  return packed;
}

/** What a component adds where it is drawn: of two classes, to the logit of the second beside the first. */
const height = (weight: readonly number[]): number => (weight.length === 2 ? weight[1] - weight[0] : weight[0]);

const strengthOf = ({ weight, meanActivation = 0 }: ComponentDescription): number =>
  Math.hypot(...weight) * meanActivation;

/** Where the model has seen nothing: distances to the nearest Gaussian on a coarse grid of the view. */
export function noveltyField(model: Model, view: View): Float32Array | undefined {
  if (view.kind !== "plane" || !isMixture(model)) return undefined;
  return Float32Array.from(novelty(model, planeGrid(view.axes, NOVELTY_SIDE)));
}

/** Of a model of images, the centres of the strongest Gaussians or, where only P μ is learnt, the first directions of P. */
export function pictures({ params }: Model, sample: Tensor, count: number): NonNullable<ModelFrame["pictures"]> {
  const { centers, projections, weights } = params as Tensors;
  const [m, outputs] = weights.shape;
  const strength = (k: number) => Math.hypot(...weights.data.subarray(k * outputs, (k + 1) * outputs));
  const order = Array.from({ length: m }, (_, k) => k).sort((a, b) => strength(b) - strength(a));
  const d = centers ? centers.shape[1] : projections.shape[0];
  const stride = projections.data.length / projections.shape[0]; // from one pixel to the next
  // A pixel that is always dark may have any entry: it counts for as much as it varies.
  const spread = deviations(sample);
  const image = (k: number) =>
    Float32Array.from({ length: d }, (_, j) =>
      centers ? centers.data[k * d + j] : projections.data[j * stride + k] * spread[j],
    );
  const images = order.slice(0, count).map((k) => normalized(image(k)));
  return { title: centers ? "centres of its strongest Gaussians" : "what its strongest Gaussians look for", images };
}

/** The standard deviation of every column. */
function deviations({ data, shape: [rows, columns] }: Tensor): Float64Array {
  const [sums, squares] = [new Float64Array(columns), new Float64Array(columns)];
  for (let i = 0; i < data.length; i++) {
    sums[i % columns] += data[i];
    squares[i % columns] += data[i] ** 2;
  }
  return sums.map((sum, j) => Math.sqrt(Math.max(0, squares[j] / rows - (sum / rows) ** 2)));
}

function normalized(image: Float32Array): Float32Array {
  const top = image.reduce((max, value) => Math.max(max, Math.abs(value)), 0) || 1;
  return image.map((value) => value / top);
}

const CURVE_NODES = 49;
const nodes = (low: number, high: number) =>
  Array.from({ length: CURVE_NODES }, (_, i) => low + ((high - low) * i) / (CURVE_NODES - 1));

/** At most so many curves are drawn. */
const MAX_CURVES = 24;

/** The activations that an MLP learns, or the first layer's splines of a KAN; undefined for what learns no curves. */
export function curvesInside({ layer, params }: Model): ModelFrame["inside"] {
  if (layer.config.type !== "sequential") return undefined;
  const layers = layer.config.layers as { type: string; [option: string]: unknown }[];
  const own = params as Tensors[];
  const learnt = layers.findIndex(({ type }) => type === "gaussianMixtureActivation");
  if (learnt >= 0)
    return { title: "Activations it has learnt", low: -4, high: 4, curves: activations(own[learnt], nodes(-4, 4)) };
  const { type, gridSize, grid } = layers[0] as { type: string; gridSize: number; grid: [number, number] };
  if (type === "kan")
    return {
      title: "Splines of its first layer",
      low: -1,
      high: 1,
      curves: splines(own[0] as never, gridSize, nodes(-1, 1)),
    };
  if (type === "fastKan")
    return { title: "Curves of its first layer", low: -1, high: 1, curves: bumps(own[0], grid, nodes(-1, 1)) };
  return undefined;
}

const silu = (x: number) => x / (1 + Math.exp(-x));

/** Per unit, Σ_k π_k exp(−½ s_k² (x − μ_k)²) + slope x + bias. */
function activations({ centers, scales, weights, slope, bias }: Tensors, xs: number[]): Float32Array[] {
  const [m, channels] = centers.shape;
  return Array.from({ length: Math.min(channels, MAX_CURVES) }, (_, c) =>
    Float32Array.from(xs, (x) => {
      let y = slope.data[c] * x + bias.data[c];
      for (let k = 0; k < m; k++) {
        const z = scales.data[k * channels + c] * (x - centers.data[k * channels + c]);
        y += weights.data[k * channels + c] * Math.exp(-0.5 * z * z);
      }
      return y;
    }),
  );
}

type Edge = (i: number, o: number) => (x: number) => number;
const edges = (inputs: number, outputs: number, edge: Edge, xs: number[]) =>
  Array.from({ length: Math.min(inputs * outputs, MAX_CURVES) }, (_, n) =>
    Float32Array.from(xs, edge(Math.floor(n / outputs), n % outputs)),
  );

/** Per edge, w silu(x) + Σ_g c_g B_g(x). */
function splines(
  { coefficients, base, buffers }: { coefficients: Tensor; base: Tensor; buffers: { grid: Tensor } },
  gridSize: number,
  xs: number[],
): Float32Array[] {
  const [inputs, bases, outputs] = coefficients.shape;
  const cube = (reach: number, u: number) => Math.max(0, reach - u) ** 3;
  const edge: Edge = (i, o) => {
    const [low, high] = [buffers.grid.data[i], buffers.grid.data[inputs + i]];
    return (x) => {
      const position = ((x - low) / (high - low)) * gridSize;
      let y = base.data[i * outputs + o] * silu(x);
      for (let g = 0; g < bases; g++) {
        const u = Math.abs(position - (g - 1));
        if (u < 2) y += (coefficients.data[(i * bases + g) * outputs + o] * (cube(2, u) - 4 * cube(1, u))) / 6;
      }
      return y;
    };
  };
  return edges(inputs, outputs, edge, xs);
}

/** Per edge, w silu(x) + Σ_g c_g exp(−((x − t_g)/h)²). */
function bumps({ coefficients, base }: Tensors, [low, high]: [number, number], xs: number[]): Float32Array[] {
  const [inputs, grids, outputs] = coefficients.shape;
  const spacing = (high - low) / (grids - 1);
  const edge: Edge = (i, o) => (x) => {
    let y = base.data[i * outputs + o] * silu(x);
    for (let g = 0; g < grids; g++)
      y += coefficients.data[(i * grids + g) * outputs + o] * Math.exp(-(((x - low) / spacing - g) ** 2));
    return y;
  };
  return edges(inputs, outputs, edge, xs);
}
