import { GmnmError, reasonOf } from "../errors.ts";
import type { Model } from "../model.ts";
import type { AnyLayer, LayerConfig } from "../nn/layer.ts";
import { fromConfig, type LayerBuilders } from "../nn/registry.ts";
import { disposeParams, fillParams, namedTensors, type ParamTensors, readParams } from "../params.ts";
import { Random } from "../random.ts";
import type { Tensor } from "../tensor.ts";
import { isPlausible } from "./declared-size.ts";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";

const FORMAT = "gmnm";
const VERSION = "1";

/** Options of {@link decodeModel}. */
export type DecodeOptions = {
  /** The name of the file, for messages. Default "model". */
  source?: string;
  /** Builders of layers of your own, by type. */
  layers?: LayerBuilders;
};

/**
 * A model as the bytes of a safetensors file: one tensor per parameter, named by its path, and the layer's description as metadata.
 *
 * @example
 * ```ts
 * localStorage.setItem("model", encodeModel(model).toBase64());
 * ```
 * @throws GmnmError when a parameter is not a finite number: such a model is of no use, and could not be read back.
 */
export function encodeModel({ layer, params }: Model): Uint8Array<ArrayBuffer> {
  const tensors = namedTensors(params);
  expectFinite(tensors);
  return encodeSafetensors(tensors, describe(layer));
}

/** What a file says of a layer beside its numbers: enough to rebuild it. */
export const describe = ({ config }: AnyLayer): Record<string, string> => ({
  format: FORMAT,
  version: VERSION,
  config: JSON.stringify(config),
});

/**
 * Rebuilds a model from {@link encodeModel}'s bytes. Nothing is executed or allocated on a file's word: the layer's options are checked
 * as if a user had typed them, and every tensor against the shape the layer expects.
 *
 * @example
 * ```ts
 * const model = decodeModel(new Uint8Array(await response.arrayBuffer()), { source: "model.safetensors" });
 * ```
 * @throws GmnmError, one sentence that names the source, for bytes that are not such a model.
 */
export function decodeModel(bytes: Uint8Array, options: DecodeOptions = {}): Model {
  const { source = "model", layers = {} } = options;
  const { tensors, metadata } = decodeSafetensors(bytes, source);
  try {
    const config = readConfig(metadata);
    const layer = fromConfig(config, layers);
    expectFinite(tensors);
    const numbers = tensors.values().reduce((sum, { data }) => sum + data.length, 0);
    if (!isPlausible(layer.config, numbers)) {
      throw new GmnmError(`the layers it describes need far more numbers than the ${numbers} it holds`);
    }
    return { layer, params: fillParams(exampleParams(layer.config, layers), tensors) };
  } catch (cause) {
    // Whatever a builder trips over in a hostile description, such as a nesting too deep for the stack, is the file's fault.
    throw new GmnmError(`${source}: ${reasonOf(cause)}`, { cause });
  }
}

function readConfig({ format, version, config }: Record<string, string>): LayerConfig {
  if (format !== FORMAT) throw new GmnmError(`a safetensors file, but not a gmnm model`);
  if (version !== VERSION)
    throw new GmnmError(`a model file of version ${version}, but this library reads version ${VERSION}`);
  try {
    return JSON.parse(config);
  } catch (cause) {
    throw new GmnmError("the layer's description is not JSON", { cause });
  }
}

/** Parameters of the shapes a layer expects. Mixtures start at random here, for there are no rows to start them from. */
function exampleParams(config: LayerConfig, layers: LayerBuilders): ParamTensors {
  const rowless = JSON.parse(JSON.stringify(config), (_, node) =>
    node?.type === "gmnm" || node?.type === "rbf" ? { ...node, initializer: "random" } : node,
  );
  const layer: AnyLayer = fromConfig(rowless, layers);
  const params = layer.init(new Random(0));
  const example = readParams(params);
  disposeParams(params);
  return example;
}

/** Throws, naming the tensor, unless all numbers are finite. */
export function expectFinite(tensors: Iterable<readonly [string, Tensor]>): void {
  for (const [name, { data }] of tensors) {
    const at = data.findIndex((value) => !Number.isFinite(value));
    if (at >= 0)
      throw new GmnmError(`tensor "${name}" has ${data[at]} at position ${at}; a model's parameters must be finite`);
  }
}
