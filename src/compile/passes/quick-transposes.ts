// Transposes that ONNX Runtime makes number by number, or run by run of a few numbers, made of what it does faster.
import type { Graph, Value } from "../graph.ts";
import { product, reshapeValue } from "../view.ts";

/** Numbers from which on it pays. Measured, as what follows. */
const LARGE = 8192;
/** Rows of a matrix from which on it is turned faster by itself. */
const LONG = 64;
/** Numbers side by side up to which a Gather copies them faster than a Transpose. */
const LONGEST_ROW = 32;
/** Rows that one list of places may name: 8 bytes each, part of the model. */
const MOST_ROWS = 65536;

/**
 * Short rows are copied by a Gather, in half to three quarters of a Transpose's time. Where the innermost axis changes, the old one is first kept
 * innermost, so that rows are copied, and then moved to its place by turning matrices, for which ONNX Runtime has a loop of its own: (4 of 16) × 196 × 16
 * numbers took 0.8 ms in one Transpose and take 0.2 in two steps.
 */
export function quickTransposes(graph: Graph, value: Value): Value | undefined {
  if (value.op !== "Transpose" || product(value.shape) < LARGE) return undefined;
  const [source] = value.inputs;
  const perm = value.attributes.perm as readonly number[];
  const last = perm.length - 1;
  if (perm[last] === last) return gatherRows(graph, source, perm);
  if (movesOneAxis(perm)) return undefined;
  const at = perm.indexOf(last);
  const order = perm.toSpliced(at, 1).concat(last);
  const shape = order.map((axis) => source.shape[axis]);
  const [outer, inner] = [shape.slice(0, at), shape.slice(at, last)].map(product);
  if (inner < LONG) return undefined;
  const rows =
    gatherRows(graph, source, order) ?? graph.node("Transpose", [source], shape, value.dtype, { perm: order });
  const matrices = reshapeValue(graph, rows, [outer, inner, shape[last]]);
  const turned = graph.node("Transpose", [matrices], [outer, shape[last], inner], value.dtype, { perm: [0, 2, 1] });
  return reshapeValue(graph, turned, value.shape);
}

/** Whether the order is that of the axes but for one. */
const movesOneAxis = (perm: readonly number[]): boolean =>
  perm.some((axis) => {
    const others = perm.filter((other) => other !== axis);
    return others.every((other, i) => i === 0 || others[i - 1] < other);
  });

/** A transpose that leaves rows of its last axes whole. */
function gatherRows(graph: Graph, source: Value, perm: readonly number[]): Value | undefined {
  const isKept = (axis: number) => perm[axis] === axis;
  const lead = perm.findIndex((_, axis) => !isKept(axis));
  const tail = perm.findLastIndex((_, axis) => !isKept(axis)) + 1;
  const [outer, turned, row] = [source.shape.slice(0, lead), source.shape.slice(lead, tail), source.shape.slice(tail)];
  const [outers, rows, length] = [outer, turned, row].map(product);
  if (length > LONGEST_ROW || rows > MOST_ROWS) return undefined;
  const strides = turned.map((_, i) => product(turned.slice(i + 1)));
  let places = [0];
  for (const axis of perm.slice(lead, tail)) {
    const steps = [...Array(source.shape[axis]).keys()].map((i) => i * strides[axis - lead]);
    places = places.flatMap((place) => steps.map((step) => place + step));
  }
  const cut = reshapeValue(graph, source, [outers, rows, length]);
  const gathered = graph.node("Gather", [cut, graph.list(places)], [outers, rows, length], source.dtype, { axis: 1 });
  return reshapeValue(
    graph,
    gathered,
    perm.map((axis) => source.shape[axis]),
  );
}
