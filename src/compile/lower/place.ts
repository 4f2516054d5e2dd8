// The gradient of cutting a tensor into pieces is a sum of zero-padded pieces, each as large as the whole. A "Place" remembers where its
// pieces lie, so that the sum of many becomes one concatenation.
import type { Graph, Value } from "../graph.ts";
import { align, shapeOf, type View } from "../view.ts";
import { unscaled } from "./elementwise.ts";

/** Pieces of a tensor of zeros along one stored axis: inputs lie at `offsets`, in order, without overlap. */
export function place(graph: Graph, pieces: readonly Value[], offsets: readonly number[], axis: number, size: number) {
  const shape = pieces[0].shape.map((length, i) => (i === axis ? size : length));
  return graph.node("Place", pieces, shape, pieces[0].dtype, { axis, offsets });
}

/** The sum of two padded views when their pieces do not overlap; otherwise undefined. */
export function addPlaced(graph: Graph, x: View, y: View): View | undefined {
  const [a, b] = [x.base, y.base];
  if (a.op !== "Place" || b.op !== "Place") return undefined;
  if (String(shapeOf(x)) !== String(shapeOf(y)) || String(a.shape) !== String(b.shape)) return undefined;
  const { atoms } = align(graph, [x, y]);
  if (a.attributes.axis !== b.attributes.axis || atoms.some(({ strides }) => strides[0] !== strides[1]))
    return undefined;
  const axis = a.attributes.axis as number;
  const pieces = [...piecesOf(a, x.scale / y.scale, graph), ...piecesOf(b, 1, graph)].sort(
    (p, q) => p.offset - q.offset,
  );
  const apart = pieces.every(
    ({ offset }, i) => i === 0 || pieces[i - 1].offset + pieces[i - 1].value.shape[axis] <= offset,
  );
  if (!apart) return undefined;
  const base = place(
    graph,
    pieces.map(({ value }) => value),
    pieces.map(({ offset }) => offset),
    axis,
    a.shape[axis],
  );
  return { ...y, base };
}

function piecesOf(base: Value, factor: number, graph: Graph) {
  const offsets = base.attributes.offsets as readonly number[];
  return base.inputs.map((value, i) => ({ value: scaled(graph, value, factor), offset: offsets[i] }));
}

const scaled = (graph: Graph, value: Value, scale: number): Value =>
  scale === 1 ? value : unscaled(graph, { base: value, dims: [], scale }).base;

/** What a Place is in ONNX: its pieces and the zeros between them, one after another. */
export function placedParts(base: Value): (Value | number)[] {
  const axis = base.attributes.axis as number;
  const offsets = base.attributes.offsets as readonly number[];
  const parts: (Value | number)[] = [];
  let end = 0;
  for (const [i, value] of base.inputs.entries()) {
    if (offsets[i] > end) parts.push(offsets[i] - end);
    parts.push(value);
    end = offsets[i] + value.shape[axis];
  }
  if (base.shape[axis] > end) parts.push(base.shape[axis] - end);
  return parts;
}
