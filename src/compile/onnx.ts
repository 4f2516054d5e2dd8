import { version } from "../version.ts";
import { type Dtype, liveValues, type TypedData, type Value } from "./graph.ts";
import { placedParts } from "./lower/place.ts";
import { type AttributeValue, DataType, encode, type Node, type TensorProto, type ValueInfo } from "./onnx-proto.ts";
import { RUNTIME_OPERATORS } from "./runtime-operators.ts";
import { type Split, splitsAmong } from "./splits.ts";

/** Version of the ONNX operators that graphs are written in. */
export const OPSET = 17;
const IR_VERSION = 8;
const PRODUCER = "gmnm";

/** A named end of a graph. */
export type Port = { readonly name: string; readonly value: Value };

/** Names of dimensions that may change from run to run, by position. */
export type DimNames = Readonly<Record<number, string>>;

/** What {@link encodeModel} writes besides the graph. */
export type EncodeOptions = {
  /** Key and value pairs stored with the model. */
  metadata?: Readonly<Record<string, string>>;
  /** Dimensions of inputs and outputs that are not fixed, by port name. */
  dynamic?: Readonly<Record<string, DimNames>>;
  /** Inputs whose numbers are part of the model. */
  stored?: readonly (Port & { readonly data: TypedData })[];
  /** Name of an empty sequence to be the first output. */
  emptySequence?: string;
  /** Writes slices as splits: for shapes that stay as they are. */
  splits?: boolean;
};

/** The bytes of an ONNX model that computes the outputs from the inputs. */
export function encodeModel(
  inputs: readonly Port[],
  outputs: readonly Port[],
  { metadata = {}, dynamic = {}, stored = [], emptySequence, splits = false }: EncodeOptions = {},
): Uint8Array<ArrayBuffer> {
  const names = new Map<Value, string>();
  // An output that an operator makes for it alone carries its name; any other is a copy.
  for (const { name, value } of outputs) if (value.op !== "Input" && value.op !== "Constant") names.set(value, name);
  for (const { name, value } of [...inputs, ...stored]) names.set(value, name);
  const nameOf = (value: Value) => names.get(value) ?? `v${value.id}`;
  const roots = outputs.map(({ value }) => value);
  const cuts: ReadonlyMap<Value, Split> = splits ? splitsAmong(liveValues(roots)) : new Map();
  const live = liveValues(roots, (value) => (cuts.has(value) ? value.inputs.slice(0, 1) : value.inputs));
  const constants = live.filter(({ op }) => op === "Constant").map((value) => ({ name: nameOf(value), value }));
  const initializers = [
    ...stored.map(({ name, value, data }) => tensorProto(name, { ...value, data })),
    ...constants.map(({ name, value }) => tensorProto(name, value)),
  ];
  const nodes = live
    .filter(({ op }) => op !== "Constant" && op !== "Input")
    .flatMap((value) => {
      const split = cuts.get(value);
      if (!split) return nodeProtos(value, nameOf, initializers);
      return split.first === value ? splitProto(split, nameOf, initializers) : [];
    });
  for (const { name, value } of outputs)
    if (nameOf(value) !== name) nodes.push(node("Identity", [nameOf(value)], [name]));
  const ends = outputs.map((port) => valueInfo(port, dynamic[port.name]));
  if (emptySequence) {
    nodes.push(node("SequenceEmpty", [], [emptySequence]));
    ends.unshift({ name: emptySequence, elemType: DataType.float32, dims: [], sequence: true });
  }
  const domains = [...new Set(nodes.flatMap(({ domain }) => domain ?? []))];
  return encode({
    irVersion: IR_VERSION,
    producerName: PRODUCER,
    producerVersion: version,
    opsets: [["", OPSET], ...domains.map((domain) => [domain, 1] as const)],
    metadata: Object.entries(metadata),
    graph: {
      name: PRODUCER,
      nodes,
      initializers,
      inputs: inputs.map((port) => valueInfo(port, dynamic[port.name])),
      outputs: ends,
    },
  });
}

const node = (
  opType: string,
  input: readonly string[],
  output: readonly string[],
  attributes: Value["attributes"] = {},
): Node => {
  const [domain, name] = RUNTIME_OPERATORS.get(opType) ?? [undefined, opType];
  const written = Object.entries(attributes).map(([key, value]) => [key, attributeValue(key, value)] as const);
  return { opType: name, domain, input, output, attributes: written };
};

/** One node, but for a Place: its pieces and tensors of zeros, concatenated. */
function nodeProtos(value: Value, nameOf: (value: Value) => string, initializers: TensorProto[]): Node[] {
  if (value.op !== "Place") return [node(value.op, value.inputs.map(nameOf), [nameOf(value)], value.attributes)];
  const axis = value.attributes.axis as number;
  const parts = placedParts(value).map((part, i) => {
    if (typeof part !== "number") return nameOf(part);
    const name = `${nameOf(value)}.zeros${i}`;
    const shape = value.shape.with(axis, part);
    initializers.push(rawTensor(name, value.dtype, shape, new Uint8Array(shape.reduce((a, b) => a * b, 1) * 4)));
    return name;
  });
  const output = [nameOf(value)];
  return [parts.length === 1 ? node("Identity", parts, output) : node("Concat", parts, output, { axis })];
}

function splitProto(
  { source, axis, pieces, first }: Split,
  nameOf: (value: Value) => string,
  initializers: TensorProto[],
) {
  const sizes = `${nameOf(first)}.sizes`;
  const numbers = BigInt64Array.from(pieces, ({ shape }) => BigInt(shape[axis]));
  initializers.push(rawTensor(sizes, "int64", [pieces.length], new Uint8Array(numbers.buffer)));
  return [node("Split", [nameOf(source), sizes], pieces.map(nameOf), { axis })];
}

function attributeValue(name: string, value: Value["attributes"][string]): AttributeValue {
  if (name === "to") return { i: DataType[value as Dtype] };
  if (typeof value === "number") return { i: value };
  if (typeof value === "string") return { s: value };
  return "float" in value ? { f: value.float } : { ints: value };
}

function tensorProto(name: string, { data, shape, dtype }: Value): TensorProto {
  const { buffer, byteOffset, byteLength } = data as Float32Array;
  return rawTensor(name, dtype, shape, new Uint8Array(buffer, byteOffset, byteLength));
}

const rawTensor = (name: string, dtype: Dtype, dims: readonly number[], rawData: Uint8Array): TensorProto => ({
  name,
  dataType: DataType[dtype],
  dims,
  rawData,
});

const valueInfo = ({ name, value }: Port, dims: DimNames = {}): ValueInfo => ({
  name,
  elemType: DataType[value.dtype],
  dims: value.shape.map((size, i) => dims[i] ?? size),
});
