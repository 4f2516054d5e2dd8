// The messages of ONNX (onnx.proto, IR version 8) that models of this library consist of, in the encoding of Protocol Buffers. Only the fields
// that are used, by the numbers that onnx.proto gives them, in rising order.
import { PbfWriter } from "pbf";

/** Numbers of element types. */
export const DataType = {
  float32: 1,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
} as const;

/** A value of an operator's attribute: a whole number, a number, text, a list of whole numbers. */
export type AttributeValue = { i: number } | { f: number } | { s: string } | { ints: readonly number[] };

export type Node = {
  opType: string;
  /** Whose operator it is; ONNX's own have none. */
  domain?: string;
  input: readonly string[];
  output: readonly string[];
  attributes: readonly (readonly [name: string, value: AttributeValue])[];
};
/** Numbers by name; rawData in the byte order that ONNX asks for, which is that of the machines this runs on: the lowest byte first. */
export type TensorProto = { name: string; dataType: number; dims: readonly number[]; rawData: Uint8Array };
/** An input or an output, or a sequence of such: a dimension that may change has a name in place of a number. */
export type ValueInfo = { name: string; elemType: number; dims: readonly (number | string)[]; sequence?: boolean };
export type GraphProto = {
  nodes: readonly Node[];
  name: string;
  initializers: readonly TensorProto[];
  inputs: readonly ValueInfo[];
  outputs: readonly ValueInfo[];
};
export type ModelProto = {
  irVersion: number;
  producerName: string;
  producerVersion: string;
  graph: GraphProto;
  /** Versions of the operators, by domain; that of ONNX's own is "". */
  opsets: readonly (readonly [domain: string, version: number])[];
  metadata: readonly (readonly [key: string, value: string])[];
};

/** The bytes of a model. */
export function encode(model: ModelProto): Uint8Array<ArrayBuffer> {
  const writer = new PbfWriter();
  writer.writeVarintField(1, model.irVersion);
  writer.writeStringField(2, model.producerName);
  writer.writeStringField(3, model.producerVersion);
  writer.writeMessage(7, writeGraph, model.graph);
  for (const opset of model.opsets) writer.writeMessage(8, writeOpset, opset);
  for (const entry of model.metadata) writer.writeMessage(14, writeEntry, entry);
  return writer.finish() as Uint8Array<ArrayBuffer>;
}

function writeGraph({ nodes, name, initializers, inputs, outputs }: GraphProto, writer: PbfWriter): void {
  for (const node of nodes) writer.writeMessage(1, writeNode, node);
  writer.writeStringField(2, name);
  for (const tensor of initializers) writer.writeMessage(5, writeTensor, tensor);
  for (const info of inputs) writer.writeMessage(11, writeValueInfo, info);
  for (const info of outputs) writer.writeMessage(12, writeValueInfo, info);
}

function writeOpset([domain, version]: ModelProto["opsets"][number], writer: PbfWriter): void {
  writer.writeStringField(1, domain);
  writer.writeVarintField(2, version);
}

function writeEntry([key, value]: readonly [string, string], writer: PbfWriter): void {
  writer.writeStringField(1, key);
  writer.writeStringField(2, value);
}

function writeNode({ opType, domain, input, output, attributes }: Node, writer: PbfWriter): void {
  for (const name of input) writer.writeStringField(1, name);
  for (const name of output) writer.writeStringField(2, name);
  writer.writeStringField(4, opType);
  for (const attribute of attributes) writer.writeMessage(5, writeAttribute, attribute);
  if (domain) writer.writeStringField(7, domain);
}

function writeAttribute([name, value]: readonly [string, AttributeValue], writer: PbfWriter): void {
  const TYPE = 20;
  writer.writeStringField(1, name);
  if ("f" in value) {
    writer.writeFloatField(2, value.f);
    writer.writeVarintField(TYPE, 1);
  } else if ("i" in value) {
    writer.writeVarintField(3, value.i);
    writer.writeVarintField(TYPE, 2);
  } else if ("s" in value) {
    writer.writeStringField(4, value.s);
    writer.writeVarintField(TYPE, 3);
  } else {
    for (const i of value.ints) writer.writeVarintField(8, i);
    writer.writeVarintField(TYPE, 7);
  }
}

function writeTensor({ name, dataType, dims, rawData }: TensorProto, writer: PbfWriter): void {
  for (const size of dims) writer.writeVarintField(1, size);
  writer.writeVarintField(2, dataType);
  writer.writeStringField(8, name);
  writer.writeBytesField(9, rawData);
}

function writeValueInfo(info: ValueInfo, writer: PbfWriter): void {
  writer.writeStringField(1, info.name);
  writer.writeMessage(2, info.sequence ? writeSequenceType : writeType, info); // TypeProto
}

function writeSequenceType(info: ValueInfo, writer: PbfWriter): void {
  writer.writeMessage(4, writeSequence, info);
}

function writeSequence(info: ValueInfo, writer: PbfWriter): void {
  writer.writeMessage(1, writeType, info);
}

function writeType(info: ValueInfo, writer: PbfWriter): void {
  writer.writeMessage(1, writeTensorType, info);
}

function writeTensorType({ elemType, dims }: ValueInfo, writer: PbfWriter): void {
  writer.writeVarintField(1, elemType);
  writer.writeMessage(2, writeShape, dims);
}

function writeShape(dims: ValueInfo["dims"], writer: PbfWriter): void {
  for (const dim of dims) writer.writeMessage(1, writeDimension, dim);
}

function writeDimension(dim: number | string, writer: PbfWriter): void {
  if (typeof dim === "number") writer.writeVarintField(1, dim);
  else writer.writeStringField(2, dim);
}
