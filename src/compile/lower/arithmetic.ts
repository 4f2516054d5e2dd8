import type { Dtype, Graph, Value } from "../graph.ts";
import { align, broadcastTo, commonShape, product, shapeOf, type View, viewOf } from "../view.ts";
import { elementwise, unscaled } from "./elementwise.ts";
import { addPlaced } from "./place.ts";
import { sigmoidOfReciprocal, tanhOfSigmoid } from "./recognize.ts";

export const isFloat = (dtype: Dtype): boolean => dtype === "float32" || dtype === "float64";

/** A view of a constant scalar. */
export const scalar = (graph: Graph, value: number, dtype: Dtype): View => viewOf(graph.scalar(value, dtype));

/** The number that a view repeats everywhere; undefined when it is no constant. */
export function constantOf({ base, scale }: View): number | undefined {
  return base.op === "Constant" && base.data!.length === 1 ? Number(base.data![0]) * scale : undefined;
}

/** For every operand that is a constant: its number and the other operand. */
function constantBeside(x: View, y: View): [number, View][] {
  const pairs: [number | undefined, View][] = [
    [constantOf(x), y],
    [constantOf(y), x],
  ];
  return pairs.filter((pair): pair is [number, View] => pair[0] !== undefined);
}

/** Sum of two views. Equal factors are kept aside, opposite ones make a difference. */
export function add(graph: Graph, x: View, y: View): View {
  const { dtype } = x.base;
  if (dtype === "bool") return elementwise(graph, "Or", [x, y]);
  for (const [constant, other] of constantBeside(x, y)) {
    const shape = commonShape([x, y]);
    const number = constantOf(other);
    if (number !== undefined) return broadcastTo(scalar(graph, constant + number, dtype), shape);
    if (constant === 0) return broadcastTo(other, shape);
    const tanh = constant === -1 && other.scale === 2 ? tanhOfSigmoid(graph, other.base) : undefined;
    if (tanh) return broadcastTo({ ...other, base: tanh, scale: 1 }, shape);
  }
  if (sameView(graph, x, y)) {
    const total = x.scale + y.scale;
    return total === 0 ? zeros(graph, dtype, commonShape([x])) : { ...x, scale: total };
  }
  const collected = collect(graph, x, y) ?? collect(graph, y, x);
  if (collected) return collected;
  const placed = addPlaced(graph, x, y);
  if (placed) return placed;
  if (x.scale === y.scale) return { ...elementwise(graph, "Add", [unit(x), unit(y)]), scale: x.scale };
  if (x.scale === -y.scale) {
    const [positive, negative] = x.scale > 0 ? [x, y] : [y, x];
    return { ...elementwise(graph, "Sub", [unit(positive), unit(negative)]), scale: positive.scale };
  }
  return elementwise(graph, "Add", [x, y]);
}

/** (p ± q) plus a multiple of q is p plus another multiple of q. */
function collect(graph: Graph, sum: View, term: View): View | undefined {
  const { op, inputs } = sum.base;
  if (op !== "Add" && op !== "Sub") return undefined;
  const signs = [1, op === "Sub" ? -1 : 1];
  const place = inputs.findIndex((input) => input === term.base || reshapedFrom(input) === term.base);
  if (place < 0 || product(inputs[place].shape) !== product(sum.base.shape)) return undefined;
  if (product(inputs[1 - place].shape) !== product(sum.base.shape)) return undefined;
  // Element by element in one order, the operands are stored as their sum is.
  const stored = (value: Value, scale: number): View => ({ base: value, dims: sum.dims, scale });
  if (!sameView(graph, stored(term.base, 1), { ...term, scale: 1 })) return undefined;
  const multiple = sum.scale * signs[place] + term.scale;
  return add(
    graph,
    stored(inputs[1 - place], sum.scale * signs[1 - place]),
    multiple === 0 ? zeros(graph, sum.base.dtype, shapeOf(sum)) : stored(term.base, multiple),
  );
}

const reshapedFrom = (value: Value): Value | undefined => (value.op === "Reshape" ? value.inputs[0] : undefined);

/** Zeros of a shape, of which one is stored. */
export const zeros = (graph: Graph, dtype: Dtype, shape: readonly number[]): View =>
  broadcastTo(scalar(graph, 0, dtype), shape);

const isNumber = ({ shape }: Value): boolean => product(shape) === 1;

const unit = (view: View): View => ({ ...view, scale: 1 });

/** True when two views of one shape read the same elements of the same tensor, whatever their scales. */
export function sameView(graph: Graph, x: View, y: View): boolean {
  if (x.base !== y.base || x.dims.length !== y.dims.length) return false;
  if (String(commonShape([x])) !== String(commonShape([y]))) return false;
  return align(graph, [x, y]).atoms.every(({ strides }) => strides[0] === strides[1]);
}

/** Product of two views; constants become factors kept aside. */
export function multiply(graph: Graph, x: View, y: View): View {
  const { dtype } = x.base;
  if (dtype === "bool") return elementwise(graph, "And", [x, y]);
  if (isFloat(dtype)) {
    // Exact zeros come from x − x (see nn/derivative.ts); what they multiply is finite wherever a training step counts.
    if (constantOf(x) === 0 || constantOf(y) === 0) return zeros(graph, dtype, commonShape([x, y]));
    for (const [constant, other] of constantBeside(x, y)) {
      if (Number.isFinite(constant)) {
        const wide = broadcastTo(other, commonShape([x, y]));
        return { ...wide, scale: wide.scale * constant };
      }
    }
  }
  const scale = x.scale * y.scale;
  // (x · a) · b with numbers a and b is x · (a · b): the pass over numbers is free.
  for (const [many, one] of [
    [x, y],
    [y, x],
  ]) {
    const inner = many.base.op === "Mul" ? many.base.inputs.findIndex(isNumber) : -1;
    if (inner < 0 || !isNumber(one.base) || isNumber(many.base)) continue;
    const [rest, number] = [many.base.inputs[1 - inner], many.base.inputs[inner]];
    if (product(rest.shape) !== product(many.base.shape)) continue;
    // Without dimensions, as stored numbers may have more of them, all of 1, than the product has.
    const factor = multiply(graph, { ...viewOf(number), dims: [] }, unit({ ...one, dims: [] }));
    return broadcastTo(multiply(graph, { ...many, base: rest, scale }, factor), commonShape([x, y]));
  }
  // x · (1/y) is one division.
  if (y.base.op === "Reciprocal") return divide(graph, x, y, scale);
  if (x.base.op === "Reciprocal") return divide(graph, y, x, scale);
  return { ...elementwise(graph, "Mul", [unit(x), unit(y)]), scale };
}

function divide(graph: Graph, x: View, reciprocal: View, scale: number): View {
  const divisor = { ...reciprocal, base: reciprocal.base.inputs[0], scale: 1 };
  // The reciprocal of few numbers is better taken once and multiplied with many.
  if (product(divisor.base.shape) < product(x.base.shape)) {
    return { ...elementwise(graph, "Mul", [unit(x), unit(reciprocal)]), scale };
  }
  if (constantOf(unit(x)) === 1) return { ...unit(reciprocal), scale };
  return { ...elementwise(graph, "Div", [unit(x), divisor]), scale };
}

/** 1/x, kept as an operator of its own so that a product with it can become a division. */
export function reciprocal(graph: Graph, x: View): View {
  const sigmoid = x.scale === 1 ? sigmoidOfReciprocal(graph, x.base) : undefined;
  if (sigmoid) return { ...x, base: sigmoid };
  return { ...elementwise(graph, "Reciprocal", [unit(x)]), scale: 1 / x.scale };
}

/** x with another element type; bool from numbers is x ≠ 0. */
export function cast(graph: Graph, x: View, dtype: Dtype): View {
  if (x.base.dtype === dtype) return x;
  const view = unscaled(graph, x);
  const constant = constantOf(view);
  if (constant !== undefined && dtype !== "bool") {
    const value = isFloat(dtype) ? constant : Math.trunc(constant);
    return { ...view, base: graph.constant(graph.scalar(value, dtype).data!, view.base.shape, dtype) };
  }
  return elementwise(graph, "Cast", [view], dtype, { to: dtype });
}
