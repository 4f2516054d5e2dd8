import { create, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { version } from "../version.ts";
import { type Dtype, liveValues, type TypedData, type Value } from "./graph.ts";
import { placedParts } from "./lower/place.ts";

/** Version of the ONNX operators that graphs are written in. */
export const OPSET = 17;
const IR_VERSION = 8n;
const PRODUCER = "gmnm";

const DATA_TYPES: Record<Dtype, DataType> = {
  float32: DataType.FLOAT,
  float64: DataType.DOUBLE,
  float16: DataType.FLOAT16,
  int32: DataType.INT32,
  int64: DataType.INT64,
  uint32: DataType.UINT32,
  bool: DataType.BOOL,
};

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
};

/** The bytes of an ONNX model that computes the outputs from the inputs. */
export function encodeModel(
  inputs: readonly Port[],
  outputs: readonly Port[],
  { metadata = {}, dynamic = {}, stored = [] }: EncodeOptions = {},
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
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: IR_VERSION,
      producerName: PRODUCER,
      producerVersion: version,
      opsetImport: [create(OperatorSetIdProtoSchema, { domain: "", version: BigInt(OPSET) })],
      metadataProps: Object.entries(metadata).map(([key, value]) =>
        create(StringStringEntryProtoSchema, { key, value }),
      ),
      graph: create(GraphProtoSchema, {
        name: PRODUCER,
        node: nodes,
        initializer: initializers,
        input: inputs.map((port) => valueInfo(port, dynamic[port.name])),
        output: outputs.map((port) => valueInfo(port, dynamic[port.name])),
      }),
    }),
  );
}

const node = (opType: string, input: string[], output: string, attributes: Value["attributes"] = {}) =>
  create(NodeProtoSchema, {
    opType,
    input,
    output: [output],
    attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
  });

/** One node, but for a Place: its pieces and tensors of zeros, concatenated. */
function nodeProtos(value: Value, nameOf: (value: Value) => string, initializers: ReturnType<typeof tensorProto>[]) {
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

function attribute(name: string, value: Value["attributes"][string]) {
  if (name === "to")
    return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(DATA_TYPES[value as Dtype]) });
  if (typeof value === "number")
    return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) });
  if (typeof value === "string") {
    return create(AttributeProtoSchema, { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) });
  }
  if ("float" in value) return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value.float });
  return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: value.map(BigInt) });
}

function tensorProto(name: string, { data, shape, dtype }: Value) {
  const { buffer, byteOffset, byteLength } = data as Float32Array<ArrayBuffer>;
  return rawTensor(name, dtype, shape, new Uint8Array(buffer, byteOffset, byteLength));
}

const rawTensor = (name: string, dtype: Dtype, shape: readonly number[], rawData: Uint8Array<ArrayBuffer>) =>
  create(TensorProtoSchema, { name, dataType: DATA_TYPES[dtype], dims: shape.map(BigInt), rawData });

const valueInfo = ({ name, value }: Port, dims: DimNames = {}) =>
  create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, {
      value: {
        case: "tensorType",
        value: create(TypeProto_TensorSchema, {
          elemType: DATA_TYPES[value.dtype],
          shape: create(TensorShapeProtoSchema, {
            dim: value.shape.map((size, i) =>
              create(TensorShapeProto_DimensionSchema, {
                value: dims[i] ? { case: "dimParam", value: dims[i] } : { case: "dimValue", value: BigInt(size) },
              }),
            ),
          }),
        }),
      },
    }),
  });
