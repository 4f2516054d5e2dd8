import type { JsTree, numpy as np } from "@jax-js/jax";
import { GmnmError } from "../errors.ts";
import type { Random } from "../random.ts";
import { showShape, type Tensor } from "../tensor.ts";

/**
 * A tree of arrays. Whatever stands under the key `buffers` belongs to the layer but is not trained (the grid of a KAN layer, running
 * statistics): optimisers never see it, and it is not counted as a parameter. It changes by `adapt` and by {@link Context.update}.
 */
export type Params = JsTree<np.Array>;

/** A plain description of a layer from which {@link fromConfig} rebuilds it; goes into saved models. */
export type LayerConfig = { readonly type: string; readonly [option: string]: unknown };

/** What a layer may ask about the call it is part of. */
export interface Context {
  /** True while training: dropout drops only then. */
  readonly training?: boolean;
  /** Uniform random numbers in [0, 1) of the given shape. `fit` feeds them to the compiled step as inputs. */
  readonly uniform?: (shape: number[]) => np.Array;
  /**
   * Hands over the next value of one of the layer's buffers, such as running statistics: the training step puts it in its place once the step
   * has been taken. Missing where nothing is to change. Consumes `value`; `buffer`, as it stands in params, only says which one.
   */
  readonly update?: (buffer: np.Array, value: np.Array) => void;
}

/**
 * A pure function with parameters. Arrays are consumed, as everywhere in jax-js: pass `.ref` of what you still need.
 *
 * `init` runs on the host. Given a sample of the layer's input, shape (batch, inFeatures), an initialiser that depends on data
 * (centres spread over the data's box, centres taken from rows, a spline grid) uses it.
 */
export interface Layer<P extends Params = Params> {
  readonly config: LayerConfig;
  init(random: Random, sample?: Tensor): P;
  apply(params: P, x: np.Array, context?: Context): np.Array;
  /** Refits what the layer holds to the inputs it now sees (a spline grid), without changing what it computes. Consumes params. */
  adapt?(params: P, sample: Tensor): P;
}

// A layer whose parameter type does not matter: `apply` is bivariant enough for a list of different layers.
// biome-ignore lint/suspicious/noExplicitAny: parameters are checked where a layer is built, not where layers are listed.
export type AnyLayer = Layer<any>;

/** Throws unless the last axis of x has the expected length. */
export function expectFeatures(layer: string, x: np.Array, features: number): void {
  if (x.ndim < 1 || x.shape[x.ndim - 1] !== features) {
    throw new GmnmError(`${layer} expected x of shape (batch, ${features}), got ${showShape(x.shape)}`);
  }
}

/** Throws unless x has the given axes: a name stands for any length, a number for that length. */
export function expectAxes(layer: string, x: np.Array, ...axes: (string | number)[]): void {
  if (x.ndim !== axes.length || axes.some((axis, i) => typeof axis === "number" && axis !== x.shape[i])) {
    throw new GmnmError(`${layer} expected x of shape (${axes.join(", ")}), got ${showShape(x.shape)}`);
  }
}

/**
 * A sample for `init` as rows (rows, features); whatever stands before the last axis, such as the tokens of a sequence, are rows.
 * Throws unless there is at least one, of the expected length.
 */
export function sampleRows(layer: string, sample: Tensor, features: number): Tensor {
  const { data, shape } = sample;
  if (shape.length < 2 || shape[shape.length - 1] !== features || data.length === 0) {
    throw new GmnmError(
      `${layer} expected a sample of shape (rows, ${features}) to initialise from, got ${showShape(shape)}`,
    );
  }
  return { data, shape: [data.length / features, features] };
}
