// What follows from a model's settings without building it, above all how many numbers it learns: the page shows it while a slider moves.
import { MAX_SIZE, type ModelSpec } from "./spec.ts";

/** Gaussians of a learnt activation, per unit; the layer's default. */
export const MIXTURE_COMPONENTS = 8;
/** Splines per edge beyond the intervals of the grid. */
const DEGREE = 3;

/** Hidden sizes of a perceptron. */
export const hiddenSizes = ({ size, depth }: ModelSpec): number[] => Array.from({ length: depth }, () => size);

/** The rank that a low-rank Gaussian can have among so many features. */
export const rankOf = ({ rank }: ModelSpec, inFeatures: number): number => Math.min(rank, inFeatures);

/** Gaussians per edge of a FastKAN for a grid: as many as a KAN has splines. */
export const numGridsOf = ({ grid }: ModelSpec): number => grid + DEGREE;

/** Where centres start: spaced ones fill a box, which many features do not have. */
export const initializerOf = ({ initializer }: ModelSpec, inFeatures: number): ModelSpec["initializer"] =>
  initializer === "spaced" && inFeatures > 4 ? "sampled" : initializer;

/** Trained numbers of a model from inFeatures to outFeatures. */
export function countParameters(spec: ModelSpec, inFeatures: number, outFeatures: number): number {
  const { family, size: m, grid } = spec;
  const [d, o] = [inFeatures, outFeatures];
  if (family === "rbf") return m * (d + 1 + o) + o;
  if (family === "kan") return (grid + DEGREE + 1) * (d * m + m * o);
  if (family === "fastKan") return (grid + DEGREE + 1) * (d * m + m * o) + m + o + m * 2; // the second layer normalises
  if (family === "mlp") {
    const sizes = [d, ...hiddenSizes(spec), o];
    const linear = sizes.slice(1).reduce((sum, width, i) => sum + (sizes[i] + 1) * width, 0);
    const learnt = spec.activation === "mixture" ? (3 * MIXTURE_COMPONENTS + 2) * spec.depth * m : 0;
    return linear + learnt;
  }
  const matrix = spec.covariance === "full" ? d : rankOf(spec, d); // rows of P
  const projections = spec.covariance === "diagonal" ? d : spec.covariance === "isotropic" ? 1 : matrix * d;
  const offsets = spec.covariance === "diagonal" || spec.covariance === "isotropic" ? d : matrix;
  const centers = spec.centers === "explicit" ? d : offsets;
  return m * (centers + projections + o) + o + (spec.skip ? d * o : 0);
}

/** The size with which a model comes closest to a number of parameters. */
export function matchSize(spec: ModelSpec, parameters: number, inFeatures: number, outFeatures: number): number {
  let best = 1;
  let smallest = Number.POSITIVE_INFINITY;
  for (let size = 1; size <= MAX_SIZE; size++) {
    const miss = Math.abs(countParameters({ ...spec, size }, inFeatures, outFeatures) - parameters);
    if (miss >= smallest) break; // the count only grows
    [best, smallest] = [size, miss];
  }
  return best;
}

/** All models brought to the number of parameters of the first. */
export function matched(specs: readonly ModelSpec[], inFeatures: number, outFeatures: number): ModelSpec[] {
  const target = countParameters(specs[0], inFeatures, outFeatures);
  return specs.map((spec, i) => (i === 0 ? spec : { ...spec, size: matchSize(spec, target, inFeatures, outFeatures) }));
}
