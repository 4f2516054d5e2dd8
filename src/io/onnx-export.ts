import type { numpy as np } from "@jax-js/jax";
import { ready } from "../compile/executor.ts";
import { inFeaturesOf } from "../data/matrix.ts";
import { GmnmError, reasonOf } from "../errors.ts";
import type { Model } from "../model.ts";
import type { AnyLayer, Params } from "../nn/layer.ts";
import { namedTensors, type ParamTensors } from "../params.ts";
import { showShape } from "../tensor.ts";
import { describe, expectFinite } from "./model-file.ts";

/** Options of {@link toOnnx}. */
export type OnnxOptions = {
  /**
   * Rows as the model will see them, or only their shape, such as `{ shape: [1, 28, 28, 1] }`; how many does not matter. Needed where the
   * layers do not say what a row looks like, as with images and sequences.
   */
  example?: { readonly shape: readonly number[] };
  /** Text to be put into the file's metadata, such as the preprocessing, so that the file is enough to use the model. Default none. */
  metadata?: Readonly<Record<string, string>>;
};

/** Names that the graph needs for its ends and for what it computes between them. */
const RESERVED = /^([xy]|v\d+(\..*)?)$/;

/**
 * A model as the bytes of an ONNX file that computes its predictions: input "x" (batch, …), output "y" (batch, …), for any batch size.
 * Operator set 17. The parameters are initialisers named by their paths, such as "0.weights", and the metadata hold the layer's description as
 * in a safetensors file: `fromConfig(JSON.parse(config))` rebuilds it.
 *
 * @example
 * ```ts
 * const session = await InferenceSession.create(await toOnnx(model)); // of onnxruntime-web
 * const { y } = await session.run({ x: new Tensor("float32", [0.5, 0], [1, 2]) });
 * ```
 * @throws GmnmError when the example is missing or does not fit, a parameter is not finite, or a layer of your own does what has no form in
 * ONNX or computes with the batch size.
 */
export async function toOnnx({ layer, params }: Model, options: OnnxOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  const tensors = namedTensors(params);
  expectFinite(tensors);
  for (const [name] of tensors)
    if (RESERVED.test(name)) throw new GmnmError(`cannot export a parameter named "${name}": the graph needs the name`);
  const row = rowShape(layer, options);
  const { inputs, outputs } = await compile(layer, params, row, options);
  const { encodeModel } = await import("../compile/onnx.ts");
  const stored = tensors.map(([name, { data }], i) => ({ name, value: inputs[i], data }));
  return encodeModel([{ name: "x", value: inputs[tensors.length] }], [{ name: "y", value: outputs[0] }], {
    stored,
    dynamic: { x: { 0: "batch" }, y: { 0: "batch" } },
    metadata: { ...options.metadata, ...describe(layer) },
  });
}

/** The shape of one row of x. */
function rowShape({ config }: AnyLayer, { example }: OnnxOptions): readonly number[] {
  if (example) {
    const { shape } = example;
    if (Array.isArray(shape) && shape.length > 0 && shape.every((size) => Number.isSafeInteger(size) && size > 0))
      return shape.slice(1);
    throw new GmnmError(`example must have a shape of whole numbers above 0, the batch first, got ${String(shape)}`);
  }
  const features = inFeaturesOf(config);
  if (features !== undefined) return [features];
  throw new GmnmError(
    `cannot export ${config.type}: what a row of x looks like does not follow from it, so give an example, such as { shape: [1, 28, 28, 1] }`,
  );
}

/** The graph of the layer for any batch size: the parameters in their order, then x, to y. */
async function compile(layer: AnyLayer, params: ParamTensors, row: readonly number[], { example }: OnnxOptions) {
  await ready();
  // Loaded when needed: most programs export nothing.
  const [{ withDynamicBatch }, { buildGraph }, { NotLowerable }] = await Promise.all([
    import("../compile/dynamic-batch.ts"),
    import("../compile/program.ts"),
    import("../compile/lower/rules.ts"),
  ]);
  const apply = (p: Params, x: np.Array) => layer.apply(p, x, {});
  let fits = false;
  try {
    return withDynamicBatch((batch) => {
      const x = { data: new Float32Array(0), shape: [batch, ...row] };
      const graph = buildGraph(apply, [params, x]);
      fits = true;
      const [{ shape }] = graph.outputs;
      if (shape[0] !== batch)
        throw new GmnmError(`it gives ${showShape(shape)} for ${batch} rows, not one row for each`);
      return graph;
    });
  } catch (cause) {
    if (!(cause instanceof GmnmError || cause instanceof NotLowerable)) throw cause;
    const reason = reasonOf(cause);
    const hint = example || fits || cause instanceof NotLowerable ? "" : "; give an example of another shape";
    throw new GmnmError(
      `cannot export ${layer.config.type} for x of shape (${["batch", ...row].join(", ")}): ${reason}${hint}`,
      { cause },
    );
  }
}
