import type { numpy as np } from "@jax-js/jax";
import type { Params } from "../nn/layer.ts";
import { type Tracing, traceFor } from "../nn/tracing.ts";
import { mapTensors, type ParamTensors } from "../params.ts";
import type { TypedData } from "./graph.ts";
import { type Jaxpr, type Trace, trace } from "./jaxpr.ts";
import { repeatedNumber } from "./repeated.ts";

/** A function as jax-js traces it: what it closes over comes first among the jaxpr's inputs, then the leaves of its arguments. */
export type TracedFunction = Pick<Trace, "unflatten"> & {
  readonly jaxpr: Jaxpr;
  readonly constants: readonly Constant[];
};

/** Traces a function for arguments of the shapes of `args`. */
export function traceFunction(
  fn: (...args: never[]) => unknown,
  args: readonly ParamTensors[],
  target: Tracing = {},
): TracedFunction {
  const placeholders = args.map((arg) => mapTensors(arg, ({ shape }) => new Placeholder(shape)) as Params);
  const { jaxpr, constants, unflatten, dispose } = traceFor(target, fn, (fn) => trace(fn, placeholders));
  const read = constants.map(readConstant);
  dispose();
  return { jaxpr, constants: read, unflatten };
}

/** `repeats`: all numbers are the first, as in the zero tangents of a derivative. */
export type Constant = { shape: readonly number[]; data: TypedData; repeats: boolean };

function readConstant(array: np.Array): Constant {
  const repeated = repeatedNumber(array);
  if (repeated !== undefined) return { shape: array.shape, data: Float32Array.of(repeated), repeats: true };
  // By another view of it: what is read gets memory, and jax-js keeps zeros that belong to functions traced once.
  const read = array.ref.reshape([1, -1]).dataSync() as Float32Array;
  // jax-js reads a bool as an int32, ONNX as a byte.
  const data = array.dtype === "bool" ? Uint8Array.from(read) : read;
  return { shape: array.shape, data, repeats: read.every((number) => number === read[0]) };
}

/** Stands for an array while a function is traced: a class, so that jax-js takes it for a leaf. */
class Placeholder {
  readonly dtype = "float32";
  readonly weakType = false;
  readonly shape: number[];
  constructor(shape: readonly number[]) {
    this.shape = [...shape];
  }
}
