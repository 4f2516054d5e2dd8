import { type Graph, isProduct, type Value } from "../graph.ts";
import {
  type Atom,
  type Axis,
  align,
  arrange,
  axesOf,
  contiguous,
  product,
  reshapeValue,
  shapeOf,
  type View,
  viewOf,
  viewOfLayout,
  withoutReshape,
} from "../view.ts";
import { unscaled } from "./elementwise.ts";
import { place } from "./place.ts";

/** Rows `from` to `to` of one dimension. */
export type Range = readonly [from: number, to: number];

/** Cuts ranges out of a view's dimensions. What repeats is only counted anew; the rest is sliced in the order in which it is stored. */
export function shrink(graph: Graph, view: View, ranges: readonly Range[]): View {
  return ranges.reduce((cut, range, dim) => shrinkDim(graph, cut, dim, range), view);
}

function shrinkDim(graph: Graph, view: View, dim: number, [from, to]: Range): View {
  const axes = view.dims[dim];
  const size = product(axes.map((axis) => axis.size));
  if (from === 0 && to === size) return view;
  const length = to - from;
  if (axes.length === 1 && axes[0].stride === 0)
    return withDim(view, dim, length === 1 ? [] : [{ size: length, stride: 0 }]);
  const inner = product(axes.slice(1).map((axis) => axis.size));
  if (axes.length !== 1 && (from % inner !== 0 || to % inner !== 0 || axes[0].stride === 0)) {
    return shrinkDim(graph, contiguous(graph, view), dim, [from, to]);
  }
  const [first, last] = [from / inner, to / inner];
  return alongAxis(graph, view, axes[0], last - first, (value, axis) => slice(graph, value, axis, first, last));
}

const withDim = (view: View, dim: number, axes: Axis[]): View => ({ ...view, dims: view.dims.with(dim, axes) });

/** Rows of a value along one axis, from `from` up to before `to`; backwards, -1 is the place before the first row. */
export function slice(graph: Graph, value: Value, axis: number, from: number, to: number, step = 1): Value {
  // Rows of rows along the same axis are rows of the original.
  const cut = step === 1 ? cutOf(value) : undefined;
  if (cut?.axis === axis && cut.step === 1) return slice(graph, cut.source, axis, cut.from + from, cut.from + to);
  const length = Math.ceil(Math.abs(to - from) / Math.abs(step));
  const shape = value.shape.map((size, i) => (i === axis ? length : size));
  const list = (n: number) => graph.list([n]);
  // ONNX counts negative places from the end.
  const end = to < 0 ? to - value.shape[axis] : to;
  return graph.node("Slice", [value, list(from), list(end), list(axis), list(step)], shape, value.dtype);
}

/** What a Slice takes, and of what: every `step`th row from `from` on along an axis, backwards where `step` is negative. */
export function cutOf({ op, inputs }: Value) {
  if (op !== "Slice") return undefined;
  const [from, , axis, step] = inputs.slice(1).map(({ data }) => Number(data![0]));
  return { source: inputs[0], from, axis, step };
}

/** Applies a change to one stored axis of the base, of which the view has it with a new size. */
function alongAxis(
  graph: Graph,
  view: View,
  axis: Axis,
  size: number,
  change: (value: Value, axis: number) => Value,
): View {
  const atoms: Atom[] = view.dims.flatMap((axes, dim) => axes.map((a) => ({ dim, size: a.size, strides: [a.stride] })));
  const stored = atoms.filter(({ strides }) => strides[0] > 0).sort((a, b) => b.strides[0] - a.strides[0]);
  const place = stored.findIndex(({ strides }) => strides[0] === axis.stride);
  const sizes = stored.map((atom) => atom.size);
  // What lies outside and inside of the axis moves as one.
  const split = [product(sizes.slice(0, place)), axis.size, product(sizes.slice(place + 1))];
  const lead = split[0] === 1 ? 0 : 1;
  const shape = split.filter((length, i) => i === 1 || length > 1);
  const changed = change(reshapeValue(graph, view.base, shape), lead);
  const renewed = atoms.map((atom) => (atom === stored[place] ? { ...atom, size } : atom));
  const laid = stored.map((atom) => renewed[atoms.indexOf(atom)]);
  return { ...viewOfLayout(changed, view.dims.length, renewed, laid), scale: view.scale };
}

/** Zeros before and after, per dimension. */
export function pad(graph: Graph, view: View, widths: readonly Range[]): View {
  const shape = shapeOf(view);
  const padded = widths.flatMap(([before, after], dim) => (before + after > 0 ? [dim] : []));
  if (padded.length === 1) {
    const [dim] = padded;
    const [before, after] = widths[dim];
    const axes = view.dims[dim];
    const size = shape[dim] + before + after;
    if (axes.length === 1 && axes[0].stride > 0) {
      return alongAxis(graph, view, axes[0], size, (value, axis) => place(graph, [value], [before], axis, size));
    }
    if (axes.length === 0 && product(view.base.shape) === product(shape)) {
      const full = contiguous(graph, view);
      return viewOf(place(graph, [full.base], [before], dim, size), view.scale);
    }
  }
  if (padded.length === 0) return view;
  const full = contiguous(graph, view);
  const pads = graph.list([...widths.map(([before]) => before), ...widths.map(([, after]) => after)]);
  const target = shape.map((size, dim) => size + widths[dim][0] + widths[dim][1]);
  return viewOf(graph.node("Pad", [full.base, pads], target, full.base.dtype), view.scale);
}

/** Views one after another along one dimension. */
export function concatenate(graph: Graph, operands: readonly View[], dim: number): View {
  const equal = operands.every(({ scale }) => scale === operands[0].scale);
  const plain = operands.map((view) => (equal ? { ...view, scale: 1 } : unscaled(graph, view)));
  // Everything but the joined dimension is aligned; that one becomes a single axis of each, or none. A product may be stored in the order wanted.
  const whole = plain.map((view) => {
    const axes = view.dims[dim];
    const isKept = axes.length === 1 ? axes[0].stride > 0 : axes.length === 0 && !isProduct(withoutReshape(view.base));
    return isKept ? view : contiguous(graph, view);
  });
  const { views, atoms } = align(
    graph,
    whole.map((view) => withDim(view, dim, [])),
  );
  if (views.some((view, i) => view.base !== whole[i].base))
    return concatenate(
      graph,
      operands.map((v) => contiguous(graph, v)),
      dim,
    );
  const sizes = whole.map((view) => product(view.dims[dim].map(({ size }) => size)));
  const joinedAxis: Atom = {
    dim,
    size: sizes.reduce((a, b) => a + b, 0),
    strides: whole.map((view) => view.dims[dim][0]?.stride ?? 0),
  };
  // A dimension of 1 has no stride of its own: it lies within the dimension before it, unless that is the innermost, or else outside of those
  // that follow.
  const before = atoms.findLast((atom) => atom.dim < dim && atom.strides[0] > 0)?.strides[0] ?? 0;
  const following = atoms.filter((atom) => atom.dim > dim).map(({ size, strides }) => size * strides[0]);
  const within = before > 1 ? before - 0.5 : Math.max(1, ...following) - 0.5;
  const key = (atom: Atom) => (atom === joinedAxis ? atom.strides[0] || within : atom.strides[0]);
  const order = [...atoms, joinedAxis].sort((a, b) => key(b) - key(a));
  const values = whole.map((view, i) => {
    const axes = axesOf(order, i).map((axis, k) => (order[k] === joinedAxis ? { ...axis, size: sizes[i] } : axis));
    const arranged = arrange(
      graph,
      view.base,
      axes.map((axis) => axis),
    );
    const shape = axes.map(({ size }) => size);
    const full = arranged.shape.every((size, k) => size === shape[k])
      ? arranged
      : graph.node("Expand", [arranged, graph.list(shape)], shape, arranged.dtype);
    return full;
  });
  const shape = order.map(({ size }) => size);
  const base = graph.node("Concat", values, shape, values[0].dtype, { axis: order.indexOf(joinedAxis) });
  const all = [...atoms, joinedAxis].sort((a, b) => a.dim - b.dim);
  return { ...viewOfLayout(base, plain[0].dims.length, all, order), scale: equal ? operands[0].scale : 1 };
}

/** The other way round along some dimensions. */
export function flip(graph: Graph, view: View, dims: readonly number[]): View {
  return dims.reduce((turned, dim) => {
    if (turned.dims[dim].length === 0) return turned;
    const whole = turned.dims[dim].length === 1 ? turned : contiguous(graph, turned);
    const [axis] = whole.dims[dim];
    if (axis.stride === 0) return whole;
    return alongAxis(graph, whole, axis, axis.size, (value, at) => slice(graph, value, at, axis.size - 1, -1, -1));
  }, view);
}
