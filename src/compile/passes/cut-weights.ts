import type { Graph, Value } from "../graph.ts";
import { slice } from "../lower/movement.ts";
import { product, reshapeValue } from "../view.ts";
import type { Surroundings } from "./rewrite.ts";

/** Numbers from which on a product is worth making in parts. */
const LARGE = 2 ** 18;

/** Some columns of a product that is used by columns only, as the gradient of the pixels under a kernel is: the product with these columns of the second matrix, which is far smaller to cut. */
export function cutWeights(graph: Graph, value: Value, around: Surroundings): Value | undefined {
  const source = columnsOf(value);
  const matrices = source?.op === "Reshape" ? source.inputs[0] : source;
  if (!source || matrices?.op !== "Gemm" || matrices.inputs.length > 2 || product(matrices.shape) < LARGE)
    return undefined;
  const [left, right] = matrices.inputs;
  const [rows, columns] = matrices.shape;
  const users = around.users(source);
  const cut = users.reduce((total, user) => total + (columnsOf(user) === source ? user.shape.at(-1)! : Infinity), 0);
  if (source.shape.at(-1) !== columns || cut > columns || (source !== matrices && around.uses(matrices) > 1))
    return undefined;
  const [, start, end] = value.inputs.map(({ data }) => Number(data?.[0]));
  const part = slice(graph, right, matrices.attributes.transB ? 0 : 1, start, end);
  const made = graph.node("Gemm", [left, part], [rows, end - start], value.dtype, matrices.attributes);
  return reshapeValue(graph, made, value.shape);
}

/** What is cut along its last axis without gaps, if the value is such a cut. */
function columnsOf({ op, inputs: [source, , , axis, step] }: Value): Value | undefined {
  if (op !== "Slice" || Number(step.data![0]) !== 1) return undefined;
  return Number(axis.data![0]) === source.shape.length - 1 ? source : undefined;
}
