// Graphs are compiled for fixed shapes. Compiled for two batch sizes, a function shows which numbers of its graph are the batch size:
// where the two graphs differ. There the graph for any batch size asks its input; anything else that differs is refused.
import { GmnmError } from "../errors.ts";
import { Graph, type Value } from "./graph.ts";

/** A graph with its ends. */
export type Ends = { readonly inputs: readonly Value[]; readonly outputs: readonly Value[] };

/**
 * Twin primes. Nothing else in a model is likely to be a multiple of one or to lie between both, so what the compiler decides by size comes
 * out the same for both; and 1/10007 and 1/10009 are different numbers in float32.
 */
const BATCH_SIZES = [10_007, 10_009] as const;

/**
 * The graph of a function for every batch size, from its graphs for fixed ones. Its shapes are those of one of the latter.
 *
 * @param compile - the graph for a batch size. Some input must have a dimension of that size.
 * @throws GmnmError when the function does more with the batch size than to give it to shapes: a mean over the batch divides by it.
 */
export function withDynamicBatch(compile: (batch: number) => Ends): Ends {
  const [first, second] = BATCH_SIZES.map(compile);
  const merge = new Merge(first, second);
  return { inputs: merge.inputs, outputs: first.outputs.map((x, i) => merge.value(x, second.outputs[i])) };
}

/** A dimension: its size in the first graph, and how many times the batch size that is; 0 where it is fixed. */
type Dim = { readonly size: number; readonly times: number };

/** One graph out of two, x standing for values of the first and y for their like in the second. */
class Merge {
  readonly #graph = new Graph();
  readonly inputs: readonly Value[];
  /** By the ids of x and y: what is one value in one graph may be two in the other. */
  readonly #merged = new Map<string, Value>();
  /** Shape (1), int64. */
  readonly #batch: Value;

  constructor(first: Ends, second: Ends) {
    this.inputs = first.inputs.map(({ shape, dtype }) => this.#graph.input(shape, dtype));
    const dims = first.inputs.map((x, i) => dimsOf(x, second.inputs[i]));
    for (const [i, x] of first.inputs.entries()) this.#merged.set(key(x, second.inputs[i]), this.inputs[i]);
    const source = dims.findIndex((own) => own.some(({ times }) => times === 1));
    const axis = dims[source].findIndex(({ times }) => times === 1);
    const shape = this.#node("Shape", [this.inputs[source]], [dims[source].length], "int64");
    this.#batch = this.#node("Gather", [shape, this.#graph.list([axis])], [1], "int64", { axis: 0 });
  }

  /** Merges two values and everything they are made of; without recursion, as an unrolled LSTM is thousands of operators deep. */
  value(x: Value, y: Value): Value {
    const stack: [x: Value, y: Value][] = [[x, y]];
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const [a, b] = top;
      const operands = operandsOf(a, b);
      const missing = operands.filter((pair) => !this.#merged.has(key(...pair)));
      if (missing.length > 0) stack.push(...missing);
      else {
        const made = operands.map((pair) => this.#merged.get(key(...pair))!);
        if (!this.#merged.has(key(a, b))) this.#merged.set(key(a, b), this.#make(a, b, made));
        stack.pop();
      }
    }
    return this.#merged.get(key(x, y))!;
  }

  #make(x: Value, y: Value, operands: readonly Value[]): Value {
    const dims = dimsOf(x, y);
    switch (x.op) {
      case "Constant":
        return this.#constant(x, y, dims);
      case "Reshape":
        return this.#node("Reshape", [operands[0], this.#reshapeTarget(dims)], x.shape, x.dtype);
      case "Expand":
        return this.#expand(operands[0], dimsOf(x.inputs[0], y.inputs[0]), dims);
      case "Place":
        if (dims.some(({ times }) => times > 0)) return this.#place(x, operands, dims);
    }
    return this.#node(x.op, operands, x.shape, x.dtype, x.attributes);
  }

  #constant(x: Value, y: Value, dims: readonly Dim[]): Value {
    const [data, other] = [x.data as Float32Array, y.data as Float32Array];
    const fixed = dims.every(({ times }) => times === 0);
    if (fixed && data.every((number, i) => Object.is(number, other[i])))
      return this.#graph.constant(data, x.shape, x.dtype);
    // A batch of zeros, say.
    if (!fixed && [data, other].every((numbers) => numbers.every((number) => Object.is(number, data[0])))) {
      const one = this.#graph.constant(data.slice(0, 1), [], x.dtype);
      return this.#expand(one, [], dims);
    }
    throw refusal("it computes with numbers that depend on it, as a mean over the batch does");
  }

  /** A dimension that the operand has is written as 1, which leaves it what it is. */
  #expand(operand: Value, from: readonly Dim[], to: readonly Dim[]): Value {
    const missing = to.length - from.length;
    const isThere = (dim: Dim, own: Dim | undefined) => own?.size === dim.size && own.times === dim.times;
    const target = to.map((dim, i) => (isThere(dim, from[i - missing]) ? { size: 1, times: 0 } : dim));
    const shape = to.map(({ size }) => size);
    return this.#node("Expand", [operand, this.#list(target)], shape, operand.dtype);
  }

  #reshapeTarget(dims: readonly Dim[]): Value {
    const dynamic = dims.filter(({ times }) => times > 0);
    if (dynamic.length !== 1) return this.#list(dims);
    return this.#graph.list(dims.map(({ size, times }) => (times > 0 ? -1 : size)));
  }

  /** Sizes as a list, computed where they depend on the batch size. */
  #list(dims: readonly Dim[]): Value {
    if (dims.every(({ times }) => times === 0)) return this.#graph.list(dims.map(({ size }) => size));
    const sizes = dims.map(({ size, times }) => {
      if (times === 0) return this.#graph.list([size]);
      return times === 1 ? this.#batch : this.#node("Mul", [this.#batch, this.#graph.list([times])], [1], "int64");
    });
    return this.#node("Concat", sizes, [dims.length], "int64", { axis: 0 });
  }

  /** The zeros of a Place have a fixed size; those of a Pad, whatever size is needed. */
  #place({ attributes, shape, dtype }: Value, pieces: readonly Value[], dims: readonly Dim[]): Value {
    const axis = attributes.axis as number;
    const offsets = attributes.offsets as readonly number[];
    if (dims[axis].times > 0) throw refusal("it adds zeros to the batch");
    const padded = pieces.map((piece, i) => {
      const before = i === 0 ? offsets[0] : 0;
      const after = (offsets[i + 1] ?? shape[axis]) - offsets[i] - piece.shape[axis];
      const width = (zeros: number) => shape.map((_, dim) => (dim === axis ? zeros : 0));
      if (before + after === 0) return piece;
      const pads = this.#graph.list([...width(before), ...width(after)]);
      return this.#node("Pad", [piece, pads], shape.with(axis, before + piece.shape[axis] + after), dtype);
    });
    return padded.length === 1 ? padded[0] : this.#node("Concat", padded, shape, dtype, { axis });
  }

  #node = (...args: Parameters<Graph["node"]>): Value => this.#graph.node(...args);
}

const key = (x: Value, y: Value): string => `${x.id},${y.id}`;

/** The operands of two like operators, without shapes: those are written anew. */
function operandsOf(x: Value, y: Value): [x: Value, y: Value][] {
  const alike =
    x.op === y.op &&
    x.dtype === y.dtype &&
    x.inputs.length === y.inputs.length &&
    JSON.stringify(x.attributes) === JSON.stringify(y.attributes);
  if (!alike) throw refusal("it takes other operations for other sizes");
  const operands = x.op === "Reshape" || x.op === "Expand" ? x.inputs.slice(0, 1) : x.inputs;
  return operands.map((operand, i) => [operand, y.inputs[i]]);
}

function dimsOf(x: Value, y: Value): Dim[] {
  if (x.shape.length !== y.shape.length) throw refusal("the number of dimensions depends on it");
  return x.shape.map((size, i) => {
    if (size === y.shape[i]) return { size, times: 0 };
    const [times, other] = [size / BATCH_SIZES[0], y.shape[i] / BATCH_SIZES[1]];
    if (times === other && Number.isInteger(times)) return { size, times };
    const sizes = `${size} for a batch of ${BATCH_SIZES[0]}, ${y.shape[i]} for one of ${BATCH_SIZES[1]}`;
    throw refusal(`a dimension is neither fixed nor a multiple of it (${sizes})`);
  });
}

const refusal = (why: string) => new GmnmError(`this function cannot be compiled for every batch size: ${why}`);
