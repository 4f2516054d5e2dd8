// Components that hardly take part can go. Their order by |π| · mean f is that of the method; the search along it is our choice.
import { ready } from "../compile/executor.ts";
import { type ExampleDataset, isDataset } from "../data/dataset.ts";
import { GmnmError } from "../errors.ts";
import { leastSquares } from "../least-squares.ts";
import type { Model } from "../model.ts";
import type { LayerConfig } from "../nn/layer.ts";
import { activationsOf, type MixtureParams, takeComponents } from "../nn/mixture.ts";
import type { LayerBuilders } from "../nn/registry.ts";
import { tensor } from "../tensor.ts";
import { expectFinite, toDataset } from "./batches.ts";
import { type Examples, toTensors } from "./fit.ts";
import { type Metric, meanSquaredError } from "./metrics.ts";
import { type Mixture, observe, replaceMixtures, rowsToLookAt } from "./mixtures.ts";
import { evaluate } from "./predict.ts";

/** Options of {@link prune}: what to keep, either the error or a number of components. */
export type PruneOptions = {
  /** What the error is, such as `(p, t) => 1 - accuracy(p, t)`; lower must be better. Default {@link meanSquaredError}. */
  error?: Metric;
  /** Fits π and the bias of what is left to what the whole mixture said, by least squares over the rows. Default true. */
  refit?: boolean;
  /** Builders of layers of one's own, as in `load`. */
  layers?: LayerBuilders;
} & (
  | {
      /** By what share the error may grow: 0.05 for 5 %. */
      keepError: number;
    }
  | {
      /** How many components to keep in all mixtures together; below 1, which share of them. Every mixture keeps at least one. */
      keep: number;
    }
);

/** What {@link prune} returns. */
export type PruneResult = {
  model: Model;
  /** Components in all mixtures together. */
  components: { before: number; after: number };
  /** On the given examples. */
  error: { before: number; after: number };
};

/**
 * Makes the mixtures (`gmnm` and `rbf`) of a model smaller: components go in the order of |π| · mean f, the size of their weights times
 * their mean activation, as a share of their mixture's sum. With `keepError` as many as go before the error on the examples leaves the tolerance,
 * found by bisection. The weights of what is left are fitted anew; training the smaller model further makes up for more.
 *
 * @param examples x and y, or a data set, best not those that test the model afterwards. Activations are taken from at most 4096 rows, evenly spread.
 * @returns the smaller model with its own config and parameters; the given one is unchanged.
 * @example
 * ```ts
 * const { model: smaller, components } = await prune(model, { x, y }, { keepError: 0.05 });
 * const half = await prune(model, { x, y }, { keep: 0.5 });
 * ```
 * @throws GmnmError for a model without mixtures, options out of range, and data that does not fit the model.
 */
export async function prune(
  model: Model,
  examples: Examples | ExampleDataset,
  options: PruneOptions,
): Promise<PruneResult> {
  const { error = meanSquaredError, refit = true, layers } = options;
  const data = isDataset(examples) ? examples : toTensors(model.layer, examples);
  if (!isDataset(data)) expectFinite(data);
  await ready();
  const all = toDataset(data);
  const { mixtures } = observe(model, all.take(rowsToLookAt(all.rows)).x, layers);
  const before = mixtures.reduce((sum, { params }) => sum + params.weights.shape[0], 0);
  const keep = "keep" in options ? componentsToKeep(options.keep, before, mixtures.length) : undefined;
  if (!("keep" in options)) checkTolerance(options.keepError);
  const order = leastFirst(mixtures);
  const without = (n: number) => (n === 0 ? model : removed(model, mixtures, order.slice(0, n), { refit, layers }));
  const errorOf = async (pruned: Model) => {
    const { value } = await evaluate(pruned, data, { metrics: { value: error } });
    if (Number.isNaN(value)) throw new GmnmError("the error of the model is NaN; there is nothing to keep");
    return value;
  };
  const start = await errorOf(model);
  const limit = "keepError" in options ? start * (1 + options.keepError) : 0;
  const fits = async (n: number) => (await errorOf(without(n))) <= limit;
  const n = keep === undefined ? await mostThat(fits, order.length) : before - keep;
  const pruned = without(n);
  return {
    model: pruned,
    components: { before, after: before - n },
    error: { before: start, after: await errorOf(pruned) },
  };
}

/** A component by its mixture and its place in it. */
type Component = { mixture: number; k: number };

/** The components that may go, the one that takes part least first. Of every mixture the strongest stays. */
function leastFirst(mixtures: readonly Mixture[]): Component[] {
  const ranked = mixtures.flatMap(({ config, params, input }, mixture) => {
    const f = activationsOf(config, params, input); // (rows, m)
    const [rows, m] = f.shape;
    const outputs = params.weights.shape[1];
    const part = Array.from({ length: m }, (_, k) => {
      let mean = 0;
      for (let i = 0; i < rows; i++) mean += f.data[i * m + k] / rows;
      return mean * Math.hypot(...params.weights.data.subarray(k * outputs, (k + 1) * outputs));
    });
    const total = part.reduce((a, b) => a + b, 0) || 1;
    return part
      .map((value, k) => ({ mixture, k, share: value / total }))
      .sort((a, b) => a.share - b.share)
      .slice(0, -1);
  });
  return ranked.sort((a, b) => a.share - b.share);
}

/** The model without some of its components. */
function removed(
  model: Model,
  mixtures: readonly Mixture[],
  gone: readonly Component[],
  { refit, layers }: { refit: boolean; layers?: LayerBuilders },
): Model {
  const changes = mixtures.map((from, mixture) => {
    const m = from.params.weights.shape[0];
    const out = new Set(gone.filter((one) => one.mixture === mixture).map(({ k }) => k));
    const kept = Array.from({ length: m }, (_, k) => k).filter((k) => !out.has(k));
    const config = { ...from.config, numComponents: kept.length };
    const params = takeComponents(from.params, kept);
    return { from, config, params: refit && kept.length < m ? refitted(from, config, params) : params };
  });
  return replaceMixtures(model, changes, layers);
}

/** Large enough that Gaussians which all but coincide do not get huge weights of opposite signs, which float32 would not bear. */
const RIDGE = 1e-6;

/** π and the bias with which what is left of a mixture comes nearest to what the whole said, on the rows it sees. */
function refitted({ config, params, input }: Mixture, smaller: LayerConfig, kept: MixtureParams): MixtureParams {
  const [rows, m] = [input.shape[0], params.weights.shape[0]];
  const [left, outputs] = kept.weights.shape;
  const all = activationsOf(config, params, input).data; // (rows, m)
  const some = activationsOf(smaller, kept, input).data; // (rows, left)
  const said = new Float64Array(rows * outputs);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < m; k++) {
      for (let o = 0; o < outputs; o++) said[i * outputs + o] += all[i * m + k] * params.weights.data[k * outputs + o];
    }
  }
  const columns = left + (kept.bias ? 1 : 0);
  const design = Float64Array.from({ length: rows * columns }, (_, i) =>
    i % columns < left ? some[Math.floor(i / columns) * left + (i % columns)] : 1,
  );
  const solution = leastSquares(design, said, rows, { columns, outputs, ridge: RIDGE });
  const weights = tensor(Float32Array.from(solution.subarray(0, left * outputs)), kept.weights.shape);
  if (!kept.bias) return { ...kept, weights };
  const shift = solution.subarray(left * outputs);
  return { ...kept, weights, bias: tensor(kept.bias.data.map((value, o) => value + shift[o]), [outputs]) }; // biome-ignore format: one line
}

/** The largest n in 0 … most for which a test holds, if it holds up to some n and then no more. It holds for 0. */
async function mostThat(holds: (n: number) => Promise<boolean>, most: number): Promise<number> {
  let [good, bad] = [0, most + 1];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (await holds(middle)) good = middle;
    else bad = middle;
  }
  return good;
}

function componentsToKeep(keep: number, components: number, mixtures: number): number {
  const count = keep < 1 ? Math.round(keep * components) : keep;
  if (!(keep > 0 && Number.isInteger(count) && count <= components)) {
    throw new GmnmError(
      `keep of prune must be a share above 0 and below 1 or a whole number up to ${components}, got ${keep}`,
    );
  }
  return Math.max(count, mixtures);
}

function checkTolerance(keepError: number): void {
  if (!(Number.isFinite(keepError) && keepError >= 0)) {
    throw new GmnmError(`keepError of prune must be a share of at least 0, such as 0.05, got ${keepError}`);
  }
}
