// Products as only ONNX Runtime has them (its domain com.microsoft). It would find them itself, but looks through the graph dozens of times: a
// third of the time to start a long program.
import type { Graph, Value } from "../graph.ts";
import { isConstant } from "../lower/recognize.ts";
import type { Surroundings } from "./rewrite.ts";
import { isTurned } from "./turn-products.ts";

/** A product with what is done to its factors, or to it alone, as one operator. */
export function runtimeProducts(graph: Graph, value: Value, around: Surroundings): Value | undefined {
  if (value.dtype !== "float32") return undefined;
  if (value.op === "MatMul") return turnedProduct(graph, value);
  const product = value.inputs.find(({ op }) => op === "Gemm" || op === "MatMul");
  if (!product || around.uses(product) > 1) return undefined;
  if (value.op === "Mul") return multipliedProduct(graph, product, value);
  return product.op === "Gemm" ? activatedProduct(graph, product, value) : undefined;
}

/** A product of transposed matrices. */
function turnedProduct(graph: Graph, { inputs, shape, dtype }: Value, attributes = {}): Value | undefined {
  const sides = inputs.map((input) =>
    isTurned(input) ? { matrix: input.inputs[0], turn: 1 } : { matrix: input, turn: 0 },
  );
  const [transA, transB] = sides.map(({ turn }) => turn);
  if (!transA && !transB && Object.keys(attributes).length === 0) return undefined;
  const matrices = sides.map(({ matrix }) => matrix);
  return graph.node("FusedMatMul", matrices, shape, dtype, { transA, transB, ...attributes });
}

/** A product times a number. */
function multipliedProduct(graph: Graph, product: Value, { inputs, shape }: Value): Value | undefined {
  const factor = inputs.find((input) => isConstant(input, Number.isFinite));
  if (!factor || String(shape) !== String(product.shape)) return undefined;
  const scale = { float: Number(factor.data![0]) };
  if (product.op === "MatMul") return turnedProduct(graph, product, { alpha: scale });
  const attributes = { ...product.attributes, alpha: scale, beta: scale };
  return graph.node("Gemm", product.inputs, product.shape, product.dtype, attributes);
}

/** A product of which an activation function is taken. */
function activatedProduct(graph: Graph, product: Value, { op, inputs }: Value): Value | undefined {
  if (inputs.length !== 1 || (op !== "Sigmoid" && op !== "Tanh")) return undefined;
  const attributes = { ...product.attributes, activation: op };
  return graph.node("FusedGemm", product.inputs, product.shape, product.dtype, attributes);
}
