import type { Attributes, Dtype, Graph, Value } from "../graph.ts";
import {
  type Atom,
  align,
  arrange,
  axesOf,
  broadcastTo,
  commonShape,
  expandValue,
  isSmallBeside,
  LONG_RUN,
  LONGEST_RUN,
  largestDivisor,
  product,
  reshapeValue,
  sizeOfDim,
  type View,
  viewOfLayout,
} from "../view.ts";

/**
 * Applies an operator element by element. The result is laid out as its largest operand, so that operands that are transposed alike are
 * never transposed, and what all operands repeat is computed once.
 */
export function elementwise(
  graph: Graph,
  op: string,
  operands: readonly View[],
  dtype: Dtype = operands[0].base.dtype,
  attributes: Attributes = {},
): View {
  // Nearly always nothing needs to be turned or cut.
  const first = operands.find((view) => !isNumber(view));
  if (first && operands.every((view) => (isNumber(view) ? spreadsTo(view, first) : isStoredAs(view, first)))) {
    const { base, dims } = first;
    const inputs = operands.map((view) => {
      const { base: input } = unscaled(graph, view);
      return isNumber(view) ? plainScalar(graph, input) : reshapeValue(graph, input, base.shape);
    });
    return { base: graph.node(op, inputs, base.shape, dtype, attributes), dims, scale: 1 };
  }
  const shape = commonShape(operands);
  const { views, atoms } = align(
    graph,
    operands.map((view) => broadcastTo(unscaled(graph, view), shape)),
  );
  const laid = layout(atoms, views);
  const order = natural(laid, views) ?? merged(laid);
  const arranged = views.map((view, i) => arrange(graph, view.base, axesOf(order, i)));
  const wide = widened(
    graph,
    arranged,
    order.map(({ size }) => size),
  );
  const inputs = wide.inputs.map((value) => plainScalar(graph, value));
  // Scalars alone make a scalar.
  const sizes = inputs.some(({ shape }) => shape.length > 0) ? wide.sizes : [];
  return viewOfLayout(graph.node(op, inputs, sizes, dtype, attributes), shape.length, atoms, laid);
}

/** Whether a view repeats one number that is known. */
const isNumber = ({ base }: View): boolean => base.op === "Constant" && base.data!.length === 1;

/** Whether two views go through their tensors in the same order, and repeat nothing. */
const isStoredAs = (one: View, other: View): boolean =>
  one.dims.length === other.dims.length &&
  one.dims.every((dim, i) => {
    const others = other.dims[i];
    return (
      dim.length === others.length &&
      dim.every(({ size, stride }, k) => stride > 0 && stride === others[k].stride && size === others[k].size)
    );
  });

/** Whether a broadcast makes one view as large as another and leaves that as it is. */
const spreadsTo = (view: View, { dims }: View): boolean =>
  view.dims.length <= dims.length &&
  view.dims.every((dim, i) => {
    const size = sizeOfDim(dim);
    return size === 1 || size === sizeOfDim(dims[dims.length - view.dims.length + i]);
  });

/** The view with its scale multiplied out. */
export function unscaled(graph: Graph, view: View): View {
  if (view.scale === 1) return view;
  const { base, dims, scale } = view;
  if (scale === -1) return { base: graph.node("Neg", [base], base.shape, base.dtype), dims, scale: 1 };
  if (isNumber(view)) {
    return { base: graph.constant(scaledData(base, scale), base.shape, base.dtype), dims, scale: 1 };
  }
  const factor = graph.scalar(scale, base.dtype);
  return { base: graph.node("Mul", [base, factor], base.shape, base.dtype), dims, scale: 1 };
}

const scaledData = ({ data }: Value, scale: number) => (data as Float32Array).map((value) => value * scale);

/** A scalar needs no dimensions to take part in a broadcast. */
function plainScalar(graph: Graph, value: Value): Value {
  if (value.op === "Reshape" && value.inputs[0].shape.length === 0) return value.inputs[0];
  if (value.op === "Constant" && product(value.shape) === 1) return graph.constant(value.data!, [], value.dtype);
  return value;
}

/**
 * Operands of one rank whose innermost dimension is short, such as images plus one number per channel, with that dimension made longer: the small
 * operand is written out several times side by side. ONNX Runtime starts anew with every run of a broadcast; 16 numbers at a time
 * took seven times as long as 448 at a time.
 */
function widened(graph: Graph, operands: readonly Value[], shape: readonly number[]) {
  let [inputs, sizes] = [operands, shape];
  if (product(sizes) < LARGE) return { inputs, sizes };
  while (sizes.length > 1 && sizes.at(-1)! < LONG_RUN) {
    const [outer, run] = sizes.slice(-2);
    const times = largestDivisor(outer, LONGEST_RUN / run);
    const repeats = (value: Value) => value.shape.at(-1) === run && value.shape.at(-2) === 1 && outer > 1;
    const through = (value: Value) => value.shape.at(-1) === run && value.shape.at(-2) === outer;
    const small = (value: Value) => product(value.shape) * times * 16 <= product(shape);
    const fits = inputs.every(
      (value) => product(value.shape.slice(-2)) === 1 || through(value) || (repeats(value) && small(value)),
    );
    if (times === 1 || !fits || !inputs.some(repeats)) break;
    const lead = sizes.slice(0, -2);
    sizes = [...lead, outer / times, times * run];
    inputs = inputs.map((value) => {
      const own = value.shape.slice(0, -2);
      if (!repeats(value))
        return reshapeValue(graph, value, through(value) ? [...own, ...sizes.slice(-2)] : [...own, 1, 1]);
      const written = expandValue(graph, value, [...own, times, run]);
      return reshapeValue(graph, written, [...own, 1, times * run]);
    });
  }
  return { inputs, sizes };
}

/** Elements from which on it pays. */
const LARGE = 16384;

/** The atoms that some operand runs through, in the order in which the largest operand is stored. */
function layout(atoms: readonly Atom[], views: readonly View[]): Atom[] {
  const running = atoms.filter(({ strides }) => strides.some((stride) => stride > 0));
  const total = product(running.map(({ size }) => size));
  // To turn operands much smaller than the result costs little, and a result in the order the function means is what later steps want.
  if (views.every((view) => isSmallBeside(total, view))) return running;
  const ranking = views.map((_, i) => i).sort((i, j) => product(views[j].base.shape) - product(views[i].base.shape));
  const order: Atom[] = [];
  for (const i of ranking) {
    const own = atoms.filter(({ strides }) => strides[i] > 0).sort((a, b) => b.strides[i] - a.strides[i]);
    // An atom new to the order goes before the next one in this operand that has its place already; where there is none, behind the one before
    // it in the operand, where the function has it: at the end it might be the short run of a broadcast.
    for (const [k, atom] of own.entries()) {
      if (order.includes(atom)) continue;
      const next = own.slice(k + 1).find((later) => order.includes(later));
      const behind = k > 0 ? order.indexOf(own[k - 1]) + 1 : 0;
      const later = order.findIndex((other, at) => at >= behind && atoms.indexOf(other) > atoms.indexOf(atom));
      order.splice(next ? order.indexOf(next) : later >= 0 ? later : order.length, 0, atom);
    }
  }
  return order;
}

/** Neighbours that every operand steps through as one axis become one. */
function merged(order: readonly Atom[]): Atom[] {
  const result: Atom[] = [];
  for (const atom of order) {
    const last = result.at(-1);
    if (last?.strides.every((stride, i) => stride === atom.strides[i] * atom.size)) {
      result[result.length - 1] = { ...atom, size: last.size * atom.size };
    } else result.push(atom);
  }
  return result;
}

/** The same order cut at the dimensions in which the largest operand is stored, which then needs no reshape. */
function natural(order: readonly Atom[], views: readonly View[]): Atom[] | undefined {
  const total = product(order.map(({ size }) => size));
  const largest = views.findIndex(({ base }) => product(base.shape) === total);
  if (largest < 0) return undefined;
  const rest = [...order];
  const cut: Atom[] = [];
  for (const wanted of views[largest].base.shape.toReversed()) {
    for (let missing = wanted; missing > 1; ) {
      const atom = rest.pop();
      if (!atom) return undefined;
      const size = Math.min(atom.size, missing);
      if (atom.size % size !== 0 || missing % size !== 0) return undefined;
      if (atom.size > size) {
        rest.push({ ...atom, size: atom.size / size, strides: atom.strides.map((stride) => stride * size) });
      }
      cut.unshift({ ...atom, size });
      missing /= size;
    }
    if (wanted === 1) cut.unshift({ dim: -1, size: 1, strides: views.map(() => 0) });
  }
  return cut;
}
