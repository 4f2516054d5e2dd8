import type { Graph, Value } from "../graph.ts";
import { onesTimes } from "../lower/reduce.ts";
import { largestDivisor, product, reshapeValue } from "../view.ts";

/** Rows of a part for one thread and for several, the most parts, and multiplications from which on a product is worth splitting. Measured. */
const [ROWS_ALONE, ROWS] = [1024, 256];
const MOST_PARTS = 64;
const LARGE = 2 ** 21;

/**
 * AᵀB over many rows, as the gradient of weights: the sum of products over some of the rows each, the narrower matrix turned. ONNX Runtime divides one
 * product among its threads by columns, so each reads rows that another has just written; of several, each gets its own rows. 12544 rows of 144 and 32
 * numbers took 2.2 ms in place of 3.4, 1024 of 65 and 256 with their sum 0.13 in place of 0.17 to 0.19.
 */
export const splitSums = (alone: boolean) => (graph: Graph, value: Value) =>
  inParts(graph, value, alone ? ROWS_ALONE : ROWS);

function inParts(graph: Graph, { op, inputs, attributes, shape, dtype }: Value, least: number): Value | undefined {
  if (op !== "Gemm" || inputs.length > 2 || attributes.transA !== 1 || attributes.transB !== 0) return undefined;
  const [rows] = inputs[0].shape;
  const parts = largestDivisor(rows, Math.min(MOST_PARTS, rows / least));
  if (parts < 2 || rows * product(shape) < LARGE) return undefined;
  const turns = shape[0] > shape[1];
  const [narrow, wide] = (turns ? inputs.toReversed() : inputs).map((matrix) =>
    reshapeValue(graph, matrix, [parts, rows / parts, matrix.shape[1]]),
  );
  const [few, many] = [narrow.shape[2], wide.shape[2]];
  const turned = graph.node("Transpose", [narrow], [parts, few, rows / parts], dtype, { perm: [0, 2, 1] });
  const products = graph.node("MatMul", [turned, wide], [parts, few, many], dtype);
  const sum = onesTimes(graph, reshapeValue(graph, products, [parts, few * many]));
  const result = reshapeValue(graph, sum, [few, many]);
  return turns ? graph.node("Transpose", [result], [many, few], dtype, { perm: [1, 0] }) : result;
}
