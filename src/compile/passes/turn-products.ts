import type { Graph, Value } from "../graph.ts";
import type { Surroundings } from "./rewrite.ts";

/** (A B)ᵀ is Bᵀ Aᵀ, which a product reads as it lies. */
export function turnProducts(graph: Graph, { op, inputs: [product], shape, dtype }: Value, around: Surroundings) {
  if (op !== "Transpose" || product.op !== "Gemm" || product.inputs.length > 2 || around.uses(product) > 1)
    return undefined;
  const { transA, transB } = product.attributes as Record<string, number>;
  const [a, b] = product.inputs;
  return graph.node("Gemm", [b, a], shape, dtype, { transA: 1 - transB, transB: 1 - transA });
}
