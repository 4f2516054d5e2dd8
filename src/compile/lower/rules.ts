import { GmnmError } from "../../errors.ts";
import type { Graph } from "../graph.ts";
import type { Atom, Equation } from "../jaxpr.ts";
import {
  broadcast,
  broadcastTo,
  commonShape,
  materialize,
  reshape,
  shapeOf,
  transpose,
  type View,
  viewOf,
} from "../view.ts";
import { add, cast, constantOf, isFloat, multiply, reciprocal, scalar, zeros } from "./arithmetic.ts";
import { contract } from "./contract.ts";
import { convolve } from "./convolve.ts";
import { elementwise, unscaled } from "./elementwise.ts";
import { concatenate, flip, pad, type Range, shrink } from "./movement.ts";
import { type ReduceOp, reduce } from "./reduce.ts";

/** A traced function needs a primitive, or a form of one, that the compiler has no rule for. */
export class NotLowerable extends GmnmError {
  /** `form` says which form of the primitive it is, where others can be compiled. */
  constructor(primitive: string, form = "") {
    super(`the primitive ${primitive}${form && ` ${form}`} has no form in ONNX`);
  }
}

/** What a rule may ask about its equation. */
export type Scope = {
  graph: Graph;
  /** True when the equation's matrix product is to be stored transposed. */
  flip: boolean;
  /** Channels that the runtime's convolution takes side by side; undefined where it has none. */
  channelBlock?: number;
  /** The factors of a product that only this equation uses. */
  factorsOf(atom: Atom): [View, View] | undefined;
};

export type Rule = (operands: View[], equation: Equation, scope: Scope) => View[];

const unary =
  (op: string): Rule =>
  ([x], _, { graph }) => [elementwise(graph, op, [x])];

const extremum =
  (op: string, onBool: string): Rule =>
  ([x, y], _, { graph }) => [elementwise(graph, x.base.dtype === "bool" ? onBool : op, [x, y])];

const REDUCTIONS: Record<string, ReduceOp> = {
  Add: "ReduceSum",
  Mul: "ReduceProd",
  Max: "ReduceMax",
  Min: "ReduceMin",
};

/** One rule per primitive of jax-js. */
export const RULES: Record<string, Rule> = {
  add: ([x, y], _, { graph }) => [add(graph, x, y)],
  mul: ([x, y], _, { graph }) => [multiply(graph, x, y)],
  neg: ([x], _, { graph }) => [isFloat(x.base.dtype) ? { ...x, scale: -x.scale } : elementwise(graph, "Neg", [x])],
  reciprocal: ([x], _, { graph }) => [reciprocal(graph, x)],
  max: extremum("Max", "Or"),
  min: extremum("Min", "And"),
  exp: unary("Exp"),
  log: unary("Log"),
  sin: unary("Sin"),
  cos: unary("Cos"),
  asin: unary("Asin"),
  atan: unary("Atan"),
  erf: unary("Erf"),
  sqrt: unary("Sqrt"),
  floor: unary("Floor"),
  ceil: unary("Ceil"),
  erfc: ([x], _, { graph }) => [
    add(graph, scalar(graph, 1, x.base.dtype), { ...elementwise(graph, "Erf", [x]), scale: -1 }),
  ],
  stop_gradient: ([x]) => [x],
  cast: ([x], { params }, { graph }) => [cast(graph, x, params.dtype)],
  compare: ([x, y], { params }, { graph }) => [compare(graph, x, y, params.op)],
  where: ([condition, x, y], _, { graph }) => [select(graph, condition, x, y)],
  reduce([x], { inputs, params, outBinders }, { graph, factorsOf }) {
    const dims = new Set<number>(params.axis);
    if (params.op === "Add" && constantOf(x) === 0) return [zeros(graph, x.base.dtype, outBinders[0].aval.shape)];
    const factors = params.op === "Add" ? factorsOf(inputs[0]) : undefined;
    if (factors) return [contract(graph, ...factors, dims)];
    if (x.base.dtype !== "bool") return [reduce(graph, REDUCTIONS[params.op], x, dims)];
    const any = params.op === "Add" || params.op === "Max";
    const counted = cast(graph, x, "float32");
    return [cast(graph, reduce(graph, any ? "ReduceMax" : "ReduceMin", counted, dims), "bool")];
  },
  dot([x, y], _, { graph, flip }) {
    const shape = commonShape([x, y]);
    if ([x, y].some((view) => constantOf(view) === 0)) return [zeros(graph, x.base.dtype, shape.slice(0, -1))];
    return [contract(graph, x, y, new Set([shape.length - 1]), flip)];
  },
  conv([x, kernel], { params, primitive }, { graph, channelBlock }) {
    const ofImages = params.strides.length === 2 && params.vmapDims === 0 && x.base.dtype === "float32";
    if (!channelBlock) throw new NotLowerable(primitive);
    if (!ofImages) throw new NotLowerable(primitive, "of other than float32 images");
    return [convolve(graph, x, kernel, params, channelBlock)];
  },
  transpose: ([x], { params }) => [transpose(x, params.perm)],
  reshape: ([x], { params }, { graph }) => [reshape(graph, x, params.shape)],
  broadcast: ([x], { params }) => [broadcast(x, params.shape, params.axis)],
  shrink: ([x], { params }, { graph }) => [shrink(graph, x, params.slice as Range[])],
  pad: ([x], { params, outBinders }, { graph }) => [
    constantOf(x) === 0 ? zeros(graph, x.base.dtype, outBinders[0].aval.shape) : pad(graph, x, params.width as Range[]),
  ],
  flip: ([x], { params }, { graph }) => [flip(graph, x, params.axis)],
  concatenate: (xs, { params, outBinders }, { graph }) => [
    xs.every((x) => constantOf(x) === 0)
      ? zeros(graph, xs[0].base.dtype, outBinders[0].aval.shape)
      : concatenate(graph, xs, params.axis),
  ],
  split([x], { params }, { graph }) {
    let from = 0;
    return (params.sizes as number[]).map((size) => {
      const ranges = shapeOf(x).map((length, dim): Range => (dim === params.axis ? [from, from + size] : [0, length]));
      from += size;
      return shrink(graph, x, ranges);
    });
  },
  idiv([x, y], _, { graph }) {
    const quotient = elementwise(graph, "Div", [x, y]);
    if (!isFloat(x.base.dtype)) return [quotient];
    const below = elementwise(graph, "Less", [quotient, scalar(graph, 0, quotient.base.dtype)], "bool");
    const [up, down] = ["Ceil", "Floor"].map((op) => elementwise(graph, op, [quotient]));
    return [elementwise(graph, "Where", [below, up, down], quotient.base.dtype)];
  },
  // With the sign of the dividend, as in C.
  mod: ([x, y], _, { graph }) => [elementwise(graph, "Mod", [x, y], x.base.dtype, { fmod: 1 })],
  gather([x, index], { params, primitive }, { graph }) {
    if (params.axis.length !== 1) throw new NotLowerable(primitive, "with more than one index");
    const [axis] = params.axis;
    const [values, indices] = [materialize(graph, unscaled(graph, x)), materialize(graph, index)];
    const rest = values.shape.toSpliced(axis, 1);
    const lead = indices.shape.length;
    const shape = values.shape.toSpliced(axis, 1, ...indices.shape);
    const taken = viewOf(graph.node("Gather", [values, indices], shape, values.dtype, { axis }));
    // ONNX puts the index's dimensions where the axis was, jax-js where outDim says.
    const own = Array.from({ length: lead }, (_, i) => axis + i);
    const others = rest.map((_, i) => (i < axis ? i : i + lead));
    return [transpose(taken, others.toSpliced(params.outDim, 0, ...own))];
  },
};

function compare(graph: Graph, x: View, y: View, op: string): View {
  switch (op) {
    case "less":
      return elementwise(graph, "Less", [x, y], "bool");
    case "less_equal":
      return elementwise(graph, "LessOrEqual", [x, y], "bool");
    case "equal":
      return elementwise(graph, "Equal", [x, y], "bool");
    case "not_equal":
      return elementwise(graph, "Not", [elementwise(graph, "Equal", [x, y], "bool")]);
    default:
      throw new NotLowerable("compare", `by "${op}"`);
  }
}

function select(graph: Graph, condition: View, x: View, y: View): View {
  const { dtype } = x.base;
  const shape = commonShape([condition, x, y]);
  const constant = constantOf(x);
  if (constant !== undefined && constant === constantOf(y)) return broadcastTo(x, shape);
  if (dtype === "bool") {
    const whenTrue = elementwise(graph, "And", [condition, x]);
    return elementwise(graph, "Or", [whenTrue, elementwise(graph, "And", [elementwise(graph, "Not", [condition]), y])]);
  }
  const equal = x.scale === y.scale;
  const [a, b] = equal ? [x, y].map((view) => ({ ...view, scale: 1 })) : [x, y];
  return { ...elementwise(graph, "Where", [condition, a, b], dtype), scale: equal ? x.scale : 1 };
}
