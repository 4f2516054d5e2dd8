import type { Graph, Value } from "../graph.ts";
import { product, reshapeValue, withoutReshape } from "../view.ts";
import type { Surroundings } from "./rewrite.ts";

/** To negate a value is cheap if it has at most one element for so many of the result. */
const CHEAP_SHARE = 16;

/** x + A B or A B − x, where the product serves nothing else and to negate x is cheap, is one operator. */
export function addInProduct(graph: Graph, value: Value, around: Surroundings): Value | undefined {
  if (value.op === "Sub") {
    const [difference, row] = value.inputs;
    if (product(row.shape) > product(difference.shape) / CHEAP_SHARE) return undefined;
    const negated = graph.node("Neg", [row], row.shape, row.dtype);
    return addInProduct(graph, graph.node("Add", [difference, negated], value.shape, value.dtype), around);
  }
  if (value.op !== "Add") return undefined;
  for (const [sum, other] of [value.inputs, value.inputs.toReversed()]) {
    const matrices = withoutReshape(sum);
    if (matrices.op !== "Gemm" || matrices.inputs.length !== 2 || around.uses(sum) > 1 || around.uses(matrices) > 1)
      continue;
    const [rows, columns] = matrices.shape;
    if (product(value.shape) !== rows * columns) continue;
    const full = product(other.shape) === rows * columns;
    const row = product(other.shape) === columns && other.shape.at(-1) === columns && value.shape.at(-1) === columns;
    if (!full && !row) continue;
    const added = reshapeValue(graph, other, full ? matrices.shape : [columns]);
    const fused = graph.node("Gemm", [...matrices.inputs, added], matrices.shape, value.dtype, matrices.attributes);
    return reshapeValue(graph, fused, value.shape);
  }
  return undefined;
}
