import type { Graph, Value } from "../graph.ts";
import { sameShape } from "../view.ts";
import type { Surroundings } from "./rewrite.ts";

/** Products over at most so many rows are worth joining, and only if there are so many of them: joining copies their operands. */
const FEW_ROWS = 256;
const MANY_PRODUCTS = 4;

/** Aᵀ₁B₁ + Aᵀ₂B₂ + … over few rows each, as of the steps of a recurrent layer: one product of the matrices on top of each other. */
export function joinProducts(graph: Graph, value: Value, around: Surroundings): Value | undefined {
  const isPart = (sum: Value) => sum.op === "Add" && sameShape(sum.shape, value.shape);
  const user = around.user(value);
  if (!isPart(value) || (user && isPart(user))) return undefined;
  const terms: Value[] = [];
  const open = [...value.inputs];
  for (let term = open.pop(); term; term = open.pop()) {
    if (isPart(term) && around.uses(term) === 1) open.push(...term.inputs);
    else terms.push(term);
  }
  const joins = ({ op, inputs, attributes, shape }: Value) =>
    op === "Gemm" &&
    inputs.length === 2 &&
    attributes.transA === 1 &&
    attributes.transB === 0 &&
    inputs[0].shape[0] <= FEW_ROWS &&
    sameShape(shape, value.shape);
  const products = terms.filter((term) => joins(term) && around.uses(term) === 1).sort((a, b) => b.id - a.id);
  if (products.length < MANY_PRODUCTS) return undefined;
  const stack = (i: number) => {
    const parts = products.map(({ inputs }) => inputs[i]);
    const rows = parts.reduce((total, { shape }) => total + shape[0], 0);
    return graph.node("Concat", parts, [rows, parts[0].shape[1]], value.dtype, { axis: 0 });
  };
  const joined = graph.node("Gemm", [stack(0), stack(1)], value.shape, value.dtype, { transA: 1, transB: 0 });
  return terms
    .filter((term) => !products.includes(term))
    .reduce((sum, term) => graph.node("Add", [sum, term], value.shape, value.dtype), joined);
}
