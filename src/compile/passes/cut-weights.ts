import type { Graph, Value } from "../graph.ts";
import { cutOf, slice } from "../lower/movement.ts";
import { product, reshapeValue, withoutReshape } from "../view.ts";
import type { Surroundings } from "./rewrite.ts";

/** Numbers from which on a product is worth making in parts. */
const LARGE = 2 ** 18;

/**
 * Some columns of a product that is used by columns only, as the gradient of the pixels under a kernel is: the product with these columns of
 * the second matrix, which is far smaller to cut.
 */
export function cutWeights(graph: Graph, value: Value, around: Surroundings): Value | undefined {
  const cut = columnsOf(value);
  if (!cut) return undefined;
  const matrices = withoutReshape(cut.source);
  if (matrices.op !== "Gemm" || matrices.inputs.length > 2 || product(matrices.shape) < LARGE) return undefined;
  const [left, right] = matrices.inputs;
  const [rows, columns] = matrices.shape;
  const users = around.users(cut.source);
  const used = users.reduce((total, user) => total + (columnsOf(user) ? user.shape.at(-1)! : Infinity), 0);
  if (cut.source.shape.at(-1) !== columns || used > columns) return undefined;
  // As a result, or in another shape, it is made as a whole all the same.
  if (around.uses(cut.source) > users.length || (cut.source !== matrices && around.uses(matrices) > 1))
    return undefined;
  const length = value.shape.at(-1)!;
  const part = slice(graph, right, matrices.attributes.transB ? 0 : 1, cut.from, cut.from + length);
  const made = graph.node("Gemm", [left, part], [rows, length], value.dtype, matrices.attributes);
  return reshapeValue(graph, made, value.shape);
}

/** A cut along the last axis without gaps. */
function columnsOf(value: Value) {
  const cut = cutOf(value);
  return cut?.step === 1 && cut.axis === cut.source.shape.length - 1 ? cut : undefined;
}
