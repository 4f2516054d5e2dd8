// Gradients of L = Σ cotangent ⊙ layer(x) two ways: as the library computes them, and by finite differences in double precision.
import { grad, jit, numpy as np, tree } from "@jax-js/jax";
import { compileFunction } from "../src/compile/compile.ts";
import { type Executor, onDevice } from "../src/compile/executor.ts";
import type { AnyLayer, Context, Params } from "../src/nn/layer.ts";
import { isBuffer, namedTensors, type ParamTensors, partition } from "../src/params.ts";
import type { Tensor } from "../src/tensor.ts";

/** What to differentiate: a layer at its parameters and an input. */
export type Point = { layer: AnyLayer; params: ParamTensors; x: Tensor; cotangent: Tensor; context?: Context };

/** Numbers by the dotted path of the block they belong to; the input's path is "x". */
export type Blocks = Map<string, ArrayLike<number>>;

/** ‖actual − expected‖ / ‖expected‖; the absolute norm where nothing is expected. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  const norm = (values: ArrayLike<number>) => Math.hypot(...Array.from(values));
  return norm(Array.from(actual, (value, i) => value - expected[i])) / (norm(expected) || 1);
}

/** float32 values and gradients through one function compiled for an executor. */
export async function compiledGradients(
  point: Point,
  executor: Executor = "wasm",
): Promise<{ y: Tensor; gradients: Blocks }> {
  const { layer, params, x, cotangent, context } = point;
  const differentiate = await compileFunction(
    (p: Params, input: np.Array, c: np.Array) => {
      const { trainable, buffers, combine } = partition(p);
      const forward = (trained: typeof trainable, at: np.Array) =>
        layer.apply(combine(trained, tree.ref(buffers)), at, context);
      const y = forward(tree.ref(trainable), input.ref);
      const loss = (trained: typeof trainable, at: np.Array) => forward(trained, at).mul(c).sum();
      const [ofParams, ofInput] = grad(loss, { argnums: [0, 1] })(trainable, input);
      tree.dispose(buffers);
      return { y, ofParams, ofInput };
    },
    { executor },
  );
  const found = (await differentiate(params, x, cotangent)) as Record<"y" | "ofInput", Tensor> & {
    ofParams: Record<string, Tensor>;
  };
  differentiate.dispose();
  const gradients: Blocks = new Map(Object.entries(found.ofParams).map(([path, { data }]) => [path, data]));
  gradients.set("x", found.ofInput.data);
  return { y: found.y, gradients };
}

/** float64 values and central differences on the "cpu" device, the only one that computes exp and sin in double precision. */
export const differenceGradients = (point: Point): { y: Float64Array; gradients: Blocks } =>
  onDevice("cpu", () => {
    const { layer, x, cotangent, context } = point;
    const array64 = (data: ArrayLike<number>, shape: readonly number[]) =>
      np.array(Float64Array.from(data), { shape: [...shape], dtype: np.float64, device: "cpu" });
    const tensors: [string, Tensor][] = [...namedTensors(point.params), ["x", x]];
    const arrays = Object.fromEntries(tensors.map(([path, t]) => [path, array64(t.data, t.shape)]));
    const forward = jit(({ x: input, ...blocks }: Record<string, np.Array>) =>
      layer.apply(unflatten(point.params, blocks), input, context),
    );
    const evaluate = (path: string, replacement: np.Array) => {
      const { [path]: _, ...others } = arrays;
      return forward({ ...tree.ref(others), [path]: replacement }).dataSync() as Float64Array;
    };
    const loss = (y: Float64Array) => y.reduce((sum, value, i) => sum + value * cotangent.data[i], 0);
    const gradients: Blocks = new Map();
    for (const [path, { data, shape }] of tensors) {
      if (isBuffer(path)) continue;
      gradients.set(
        path,
        Float64Array.from(data, (value, i) => {
          const h = 1e-5;
          const at = (moved: number) =>
            loss(evaluate(path, array64(Float64Array.from(data).fill(moved, i, i + 1), shape)));
          return (at(value + h) - at(value - h)) / (2 * h);
        }),
      );
    }
    const y = evaluate("x", array64(x.data, x.shape));
    tree.dispose(arrays);
    forward.dispose();
    return { y, gradients };
  });

function unflatten(example: ParamTensors, blocks: Record<string, np.Array>, path: string[] = []): Params {
  if (ArrayBuffer.isView((example as Tensor).data)) return blocks[path.join(".")];
  if (Array.isArray(example)) return example.map((child, i) => unflatten(child, blocks, [...path, String(i)]));
  return Object.fromEntries(
    Object.entries(example).map(([key, child]) => [key, unflatten(child, blocks, [...path, key])]),
  );
}
