// Reshaping, transposing and broadcasting move nothing: they change how a tensor is looked at. Only an operator that needs its operand
// in another order pays for a transpose.
import type { Graph, Value } from "./graph.ts";

/** `size` steps of `stride` elements through a contiguous tensor; stride 0 repeats (a broadcast). */
export interface Axis {
  readonly size: number;
  readonly stride: number;
}

/**
 * A tensor as the traced function sees it: each dimension is a list of axes of the base, outermost first, and the base's numbers are
 * multiplied by `scale`. Together the axes of non-zero stride run through every element of the base exactly once.
 */
export interface View {
  readonly base: Value;
  readonly dims: readonly (readonly Axis[])[];
  /** Carried along so that negations and constant factors meet and cancel before anything is computed. */
  readonly scale: number;
}

/** Axes of equal size through several views: `strides[i]` is that of view i. `dim` is the dimension they belong to. */
export interface Atom {
  readonly dim: number;
  readonly size: number;
  readonly strides: readonly number[];
}

/** Numbers side by side below which ONNX Runtime is slow at broadcasts and sums, and so many as it is made to have. Measured. */
export const LONG_RUN = 128;
export const LONGEST_RUN = 1024;

/** The largest number up to a limit by which n can be divided. */
export function largestDivisor(n: number, limit: number): number {
  for (let divisor = Math.floor(Math.min(n, limit)); divisor > 1; divisor--) if (n % divisor === 0) return divisor;
  return 1;
}

export const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

export const sizeOfDim = (dim: readonly Axis[]): number => dim.reduce((total, { size }) => total * size, 1);

export const shapeOf = (view: View): number[] => view.dims.map(sizeOfDim);

export const hasShape = ({ dims }: View, shape: readonly number[]): boolean =>
  dims.length === shape.length && dims.every((dim, i) => sizeOfDim(dim) === shape[i]);

/** Axes of a contiguous tensor, none for a dimension of 1. */
export function contiguousDims(shape: readonly number[]): Axis[][] {
  let stride = 1;
  return shape
    .toReversed()
    .map((size) => {
      const dim = size === 1 ? [] : [{ size, stride }];
      stride *= size;
      return dim;
    })
    .reverse();
}

/** Whether turning the view costs little beside a result of so many elements. */
export const isSmallBeside = (elements: number, view: View): boolean => product(view.base.shape) * 4 <= elements;

export const viewOf = (base: Value, scale = 1): View => ({ base, dims: contiguousDims(base.shape), scale });

export const transpose = (view: View, perm: readonly number[]): View => ({
  ...view,
  dims: perm.map((i) => view.dims[i]),
});

/** Inserts dimensions that repeat the view. `shape` is the result's, `inserted` the positions of the new dimensions in it. */
export function broadcast(view: View, shape: readonly number[], inserted: readonly number[]): View {
  const isNew = new Set(inserted);
  const old = view.dims[Symbol.iterator]();
  const dims = shape.map((size, i) => (isNew.has(i) ? repeat(size) : expand(old.next().value!, size)));
  return { ...view, dims };
}

const repeat = (size: number): Axis[] => (size === 1 ? [] : [{ size, stride: 0 }]);
const expand = (dim: readonly Axis[], size: number) => (sizeOfDim(dim) === size ? dim : repeat(size));

/** NumPy's broadcasting: aligned at the right, dimensions of 1 repeat. */
export function broadcastTo(view: View, shape: readonly number[]): View {
  const missing = shape.length - view.dims.length;
  return { ...view, dims: shape.map((size, i) => (i < missing ? repeat(size) : expand(view.dims[i - missing], size))) };
}

/** The shape to which views broadcast together. */
export function commonShape(views: readonly View[]): number[] {
  const shapes = views.map(shapeOf);
  const rank = Math.max(...shapes.map(({ length }) => length));
  return Array.from({ length: rank }, (_, i) => Math.max(...shapes.map((s) => s[i - rank + s.length] ?? 1)));
}

/** Another shape over the same elements in the same order; undefined where no list of axes does it. */
function regroup(view: View, shape: readonly number[]): View | undefined {
  const rest = joined(view.dims.flat());
  const dims: Axis[][] = [];
  for (const size of shape.toReversed()) {
    const dim: Axis[] = [];
    for (let missing = size; missing > 1; ) {
      const axis = rest.pop()!;
      const taken = Math.min(axis.size, missing);
      if (axis.size % taken !== 0 || missing % taken !== 0) return undefined;
      if (axis.size > taken) rest.push({ size: axis.size / taken, stride: axis.stride * taken });
      dim.unshift({ size: taken, stride: axis.stride });
      missing /= taken;
    }
    dims.unshift(joined(dim));
  }
  return { ...view, dims };
}

/** Neighbours that are steps of one axis become one. */
function joined(dim: readonly Axis[]): Axis[] {
  const result: Axis[] = [];
  for (const axis of dim) {
    const last = result.at(-1);
    if (last && last.stride === axis.stride * axis.size) {
      result[result.length - 1] = { size: last.size * axis.size, stride: axis.stride };
    } else result.push(axis);
  }
  return result;
}

export function reshape(graph: Graph, view: View, shape: readonly number[]): View {
  return regroup(view, shape) ?? regroup(contiguous(graph, view), shape)!;
}

/** The view with its elements written out in order, broadcasts included; the scale is kept aside. */
export function contiguous(graph: Graph, view: View): View {
  const base = arrange(graph, view.base, view.dims.flat());
  const sizes = view.dims.flat().map(({ size }) => size);
  const full = expandValue(graph, base, sizes);
  return viewOf(reshapeValue(graph, full, shapeOf(view)), view.scale);
}

/** The view's own shape and order as a value, for outputs and for operators that know no views; its scale must be 1. */
export const materialize = (graph: Graph, view: View): Value => contiguous(graph, view).base;

export function reshapeValue(graph: Graph, value: Value, shape: readonly number[]): Value {
  if (sameShape(value.shape, shape)) return value;
  // A reshape of a reshape is one of the original.
  if (value.op === "Reshape") return reshapeValue(graph, value.inputs[0], shape);
  if (value.op === "Constant") return graph.constant(value.data!, shape, value.dtype);
  return graph.node("Reshape", [value, graph.list(shape)], shape, value.dtype);
}

/** The same numbers in the shape in which they were made. */
export const withoutReshape = (value: Value): Value => (value.op === "Reshape" ? value.inputs[0] : value);

export function expandValue(graph: Graph, value: Value, shape: readonly number[]): Value {
  if (sameShape(value.shape, shape)) return value;
  return graph.node("Expand", [value, graph.list(shape)], shape, value.dtype);
}

export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, i) => size === b[i]);

/** The base with its axes in the given order (neighbours that stay so are moved as one), one dimension each; axes of stride 0 become dimensions of 1. */
export function arrange(graph: Graph, base: Value, order: readonly Axis[]): Value {
  const real = joined(order.filter(({ stride, size }) => stride > 0 && size > 1));
  const stored = real.toSorted((a, b) => b.stride - a.stride);
  const shape = order.map(({ size, stride }) => (stride === 0 ? 1 : size));
  const perm = real.map((axis) => stored.indexOf(axis));
  if (perm.every((from, to) => from === to)) return reshapeValue(graph, base, shape);
  const split = reshapeValue(
    graph,
    base,
    stored.map(({ size }) => size),
  );
  const turned = graph.node(
    "Transpose",
    [split],
    real.map(({ size }) => size),
    base.dtype,
    { perm },
  );
  return reshapeValue(graph, turned, shape);
}

/**
 * Splits views of one shape into axes that they have in common, dimension by dimension, outermost first. A view whose axes cannot be
 * split that way is written out first.
 */
export function align(graph: Graph, views: readonly View[]): { views: readonly View[]; atoms: Atom[] } {
  const atoms: Atom[] = [];
  for (let dim = 0; dim < (views[0]?.dims.length ?? 0); dim++) {
    const split = refine(views.map((view) => view.dims[dim]));
    if (!split) {
      return align(
        graph,
        views.map((view) => (view.dims[dim].length > 1 ? contiguous(graph, view) : view)),
      );
    }
    for (const atom of split) atoms.push({ dim, ...atom });
  }
  return { views, atoms };
}

function refine(lists: readonly (readonly Axis[])[]): { size: number; strides: number[] }[] | undefined {
  const rest = lists.map((list) => [...list]);
  const split: { size: number; strides: number[] }[] = [];
  while (rest[0].length > 0) {
    const size = Math.min(...rest.map((axes) => axes.at(-1)!.size));
    const strides: number[] = [];
    for (const axes of rest) {
      const axis = axes.pop()!;
      if (axis.size % size !== 0) return undefined;
      if (axis.size > size) axes.push({ size: axis.size / size, stride: axis.stride * size });
      strides.push(axis.stride);
    }
    split.unshift({ size, strides });
  }
  return split;
}

/** Axes of view i. */
export const axesOf = (atoms: readonly Atom[], i: number): Axis[] =>
  atoms.map(({ size, strides }) => ({ size, stride: strides[i] }));

/** A new base stored in the order of `laid`, seen with the dimensions that the atoms belong to; atoms not laid out repeat. */
export function viewOfLayout(base: Value, rank: number, atoms: readonly Atom[], laid: readonly Atom[]): View {
  const strides = contiguousDims(laid.map(({ size }) => size));
  const dims: Axis[][] = Array.from({ length: rank }, () => []);
  for (const atom of atoms) {
    const place = laid.indexOf(atom);
    dims[atom.dim].push(...(place < 0 ? repeat(atom.size) : strides[place]));
  }
  return { base, dims: dims.map(joined), scale: 1 };
}
