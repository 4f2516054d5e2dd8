import { version } from "../version.ts";
import { type Dtype, liveValues, type TypedData, type Value } from "./graph.ts";
import { placedParts } from "./lower/place.ts";
import { type AttributeValue, DataType, encode, type Node, type TensorProto, type ValueInfo } from "./onnx-proto.ts";

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
};

/** The bytes of an ONNX model that computes the outputs from the inputs. */
export function encodeModel(
  inputs: readonly Port[],
  outputs: readonly Port[],
  { metadata = {}, dynamic = {}, stored = [], emptySequence }: EncodeOptions = {},
): Uint8Array<ArrayBuffer> {
  const names = new Map<Value, string>();
  // An output that an operator makes for it alone carries its name; any other is a copy.
  for (const { name, value } of outputs) if (value.op !== "Input" && value.op !== "Constant") names.set(value, name);
  for (const { name, value } of [...inputs, ...stored]) names.set(value, name);
  const nameOf = (value: Value) => names.get(value) ?? `v${value.id}`;
  const live = liveValues(outputs.map(({ value }) => value));
  const constants = live.filter(({ op }) => op === "Constant").map((value) => ({ name: nameOf(value), value }));
  const initializers = [
    ...stored.map(({ name, value, data }) => tensorProto(name, { ...value, data })),
    ...constants.map(({ name, value }) => tensorProto(name, value)),
  ];
  const nodes = live
    .filter(({ op }) => op !== "Constant" && op !== "Input")
    .flatMap((value) => nodeProtos(value, nameOf, initializers));
  for (const { name, value } of outputs)
    if (nameOf(value) !== name) nodes.push(node("Identity", [nameOf(value)], name));
  const ends = outputs.map((port) => valueInfo(port, dynamic[port.name]));
  if (emptySequence) {
    nodes.push(node("SequenceEmpty", [], emptySequence));
    ends.unshift({ name: emptySequence, elemType: DataType.float32, dims: [], sequence: true });
  }
  return encode({
    irVersion: IR_VERSION,
    producerName: PRODUCER,
    producerVersion: version,
    opset: OPSET,
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
  output: string,
  attributes: Value["attributes"] = {},
): Node => ({
  opType,
  input,
  output,
  attributes: Object.entries(attributes).map(([name, value]) => [name, attributeValue(name, value)]),
});

/** One node, but for a Place: its pieces and tensors of zeros, concatenated. */
function nodeProtos(value: Value, nameOf: (value: Value) => string, initializers: TensorProto[]): Node[] {
  if (value.op !== "Place") return [node(value.op, value.inputs.map(nameOf), nameOf(value), value.attributes)];
  const axis = value.attributes.axis as number;
  const parts = placedParts(value).map((part, i) => {
    if (typeof part !== "number") return nameOf(part);
    const name = `${nameOf(value)}.zeros${i}`;
    const shape = value.shape.with(axis, part);
    initializers.push(rawTensor(name, value.dtype, shape, new Uint8Array(shape.reduce((a, b) => a * b, 1) * 4)));
    return name;
  });
  return [parts.length === 1 ? node("Identity", parts, nameOf(value)) : node("Concat", parts, nameOf(value), { axis })];
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
