import type { Graph, Value } from "../graph.ts";
import {
  type Atom,
  align,
  arrange,
  axesOf,
  broadcastTo,
  commonShape,
  isSmallBeside,
  product,
  reshapeValue,
  type View,
  viewOfLayout,
} from "../view.ts";
import { elementwise } from "./elementwise.ts";
import { reduce } from "./reduce.ts";

/** Multiplications per matrix of a batch below which multiplying and adding element by element is faster than a matrix product. */
const SMALL_MATRIX = 64;

/**
 * Sum over some dimensions of x · y with broadcasting, without writing a broadcast out. `flip` stores a matrix product transposed.
 */
export function contract(graph: Graph, x: View, y: View, dims: ReadonlySet<number>, flip = false): View {
  const shape = commonShape([x, y]);
  const operands = [x, y].map((view) => broadcastTo({ ...view, scale: 1 }, shape));
  const { views, atoms } = align(graph, operands);
  // From here on every atom is a dimension of its own.
  const [left, right] = views.map((view, i): View => ({ ...view, dims: axesOf(atoms, i).map((axis) => [axis]) }));
  const summed = new Set(atoms.flatMap(({ dim }, k) => (dims.has(dim) ? [k] : [])));
  const result = contractAxes(graph, left, right, summed, flip);
  const keptDims = shape.flatMap((_, dim) => (dims.has(dim) ? [] : [dim]));
  const kept = atoms.filter(({ dim }) => !dims.has(dim));
  return {
    base: result.base,
    dims: keptDims.map((dim) => kept.flatMap((atom, k) => (atom.dim === dim ? result.dims[k] : []))),
    scale: result.scale * x.scale * y.scale,
  };
}

const stride = (view: View, dim: number) => view.dims[dim][0]?.stride ?? 0;

/** The same for views with one axis per dimension. An axis that only one operand runs through is summed there before they meet. */
function contractAxes(graph: Graph, x: View, y: View, summed: ReadonlySet<number>, flip: boolean): View {
  const [onlyX, onlyY, neither] = [new Set<number>(), new Set<number>(), new Set<number>()];
  for (const dim of summed) {
    if (stride(x, dim) > 0 && stride(y, dim) === 0) onlyX.add(dim);
    else if (stride(x, dim) === 0) (stride(y, dim) > 0 ? onlyY : neither).add(dim);
  }
  const gone = new Set([...onlyX, ...onlyY, ...neither]);
  if (gone.size === 0) return multiply(graph, x, y, summed, flip);
  const scale = product([...neither].map((dim) => x.dims[dim][0]?.size ?? 1));
  const reduced = (view: View, own: Set<number>) => {
    const others = new Set([...gone].filter((dim) => !own.has(dim)));
    const renumbered = [...own].map((dim) => dim - [...others].filter((other) => other < dim).length);
    return reduce(graph, "ReduceSum", without(view, others), new Set(renumbered));
  };
  const rest = [...summed].filter((dim) => !gone.has(dim));
  const places = new Set(rest.map((dim) => dim - [...gone].filter((other) => other < dim).length));
  const result = multiply(graph, reduced(x, onlyX), reduced(y, onlyY), places, flip);
  return { ...result, scale: result.scale * scale };
}

const without = (view: View, dims: ReadonlySet<number>): View => ({
  ...view,
  dims: view.dims.filter((_, dim) => !dims.has(dim)),
});

/** Both operands run through every summed axis: an element-wise product, or rows (in x alone) times columns (in y alone). */
function multiply(graph: Graph, x: View, y: View, summed: ReadonlySet<number>, flip: boolean): View {
  const { atoms } = align(graph, [x, y]); // one per dimension
  const ownOf = (i: number) => (atom: Atom) => atom.strides[i] > 0 && atom.strides[1 - i] === 0;
  const shared = atoms.filter(({ strides }) => strides[0] > 0 && strides[1] > 0);
  const batch = shared.filter(({ dim }) => !summed.has(dim));
  const inner = shared.filter(({ dim }) => summed.has(dim));
  const [rows, columns] = [atoms.filter(ownOf(0)), atoms.filter(ownOf(1))];
  const work = sizeOf(inner) * Math.max(sizeOf(rows), sizeOf(columns));
  const lone = rows.length === 0 && columns.length === 0;
  if (inner.length === 0) return elementwise(graph, "Mul", [x, y]);
  if (lone || (batch.length > 0 && work < SMALL_MATRIX)) {
    if (lone && batch.length === 0 && x.base === y.base && sameAxes(x, y)) {
      return reduce(graph, "ReduceSumSquare", x, summed);
    }
    return reduce(graph, "ReduceSum", elementwise(graph, "Mul", [x, y]), summed);
  }
  const larger = product(x.base.shape) < product(y.base.shape) ? 1 : 0;
  const [b, k] = [sorted(batch, larger), sorted(inner, larger)];
  const [r, c] = [outer(rows, 0, x, columns), outer(columns, 1, y, rows)];
  const own = larger === 0 ? r : c;
  const turns = !inOrder([...b, ...own, ...k], larger) && !inOrder([...b, ...k, ...own], larger);
  // Matrices times vectors: to turn the matrices would cost more than it saves.
  if (turns && batch.length > 0 && (rows.length === 0 || columns.length === 0)) {
    return reduce(graph, "ReduceSum", elementwise(graph, "Mul", [x, y]), summed);
  }
  const left = matrices(graph, x, 0, b, r, k);
  const right = matrices(graph, y, 1, b, k, c);
  // (x y)ᵀ = yᵀ xᵀ
  const base = flip ? matrixProduct(graph, transposed(right), transposed(left)) : matrixProduct(graph, left, right);
  const kept = atoms.filter(({ dim }) => !summed.has(dim));
  const renumbered = new Map(kept.map((atom, dim) => [atom, { ...atom, dim }]));
  const laid = flip ? [...b, ...c, ...r] : [...b, ...r, ...c];
  return viewOfLayout(
    base,
    kept.length,
    [...renumbered.values()],
    laid.map((atom) => renumbered.get(atom)!),
  );
}

const sizeOf = (atoms: readonly Atom[]) => product(atoms.map(({ size }) => size));

/**
 * Rows (or columns) in the order in which they are stored; or, when the operand is small beside the result, in the order in which the
 * function sees them: to turn the small operand is cheaper than to cut and turn the large result later.
 */
function outer(own: readonly Atom[], i: number, view: View, others: readonly Atom[]): readonly Atom[] {
  const small = isSmallBeside(sizeOf(own) * sizeOf(others), view);
  return small ? own : sorted(own, i);
}

const sameAxes = (x: View, y: View) => x.dims.every((_, dim) => stride(x, dim) === stride(y, dim));

const sorted = (atoms: readonly Atom[], view: number) => atoms.toSorted((a, b) => b.strides[view] - a.strides[view]);

/** Matrices of shape (batch…, rows, columns), or (batch…, columns, rows) when they are stored transposed. */
type Matrices = { value: Value; transposed: boolean; batch: number[]; rows: number; columns: number };

const transposed = (m: Matrices): Matrices => ({ ...m, transposed: !m.transposed, rows: m.columns, columns: m.rows });

/** View i as matrices, in whichever order needs no transpose. */
function matrices(
  graph: Graph,
  view: View,
  i: number,
  batch: readonly Atom[],
  rows: readonly Atom[],
  columns: readonly Atom[],
): Matrices {
  const [upright, turned] = [inOrder([...batch, ...rows, ...columns], i), inOrder([...batch, ...columns, ...rows], i)];
  // Where neither order is stored, the one is made whose innermost axis is contiguous.
  const contiguousRows = (rows.at(-1)?.strides[i] ?? 0) < (columns.at(-1)?.strides[i] ?? 0);
  const swap = upright || turned ? !upright : contiguousRows;
  const axes = axesOf([...batch, ...(swap ? [...columns, ...rows] : [...rows, ...columns])], i);
  const joinedBatch = batch.length > 0 ? [sizeOf(batch)] : [];
  const sizes = [sizeOf(rows), sizeOf(columns)];
  const shape = [...joinedBatch, ...(swap ? sizes.toReversed() : sizes)];
  const value = reshapeValue(graph, arrange(graph, view.base, axes), shape);
  return { value, transposed: swap, batch: joinedBatch, rows: sizes[0], columns: sizes[1] };
}

const inOrder = (atoms: readonly Atom[], i: number) =>
  atoms.every((atom, k) => k === 0 || atoms[k - 1].strides[i] > atom.strides[i]);

function matrixProduct(graph: Graph, left: Matrices, right: Matrices): Value {
  const shape = [...left.batch, left.rows, right.columns];
  const { dtype } = left.value;
  if (left.batch.length === 0) {
    const flags = { transA: Number(left.transposed), transB: Number(right.transposed) };
    return graph.node("Gemm", [left.value, right.value], shape, dtype, flags);
  }
  // ONNX Runtime takes these transposes into its matrix product.
  return graph.node("MatMul", [upright(graph, left), upright(graph, right)], shape, dtype);
}

function upright(graph: Graph, { value, transposed: turned, batch, rows, columns }: Matrices): Value {
  if (!turned) return value;
  return graph.node("Transpose", [value], [...batch, rows, columns], value.dtype, { perm: [0, 2, 1] });
}
