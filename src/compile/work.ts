import { liveValues, type Value } from "./graph.ts";
import { product } from "./view.ts";

/** Numbers made up to which a second thread takes longer to wake, 50 µs, than it helps. Measured. */
const SMALL = 750_000;
/** Multiplications of a matrix product that take as long as one number made by another operator. */
const PER_NUMBER = 32;

/** Whether one thread does it all sooner than several. */
export const isSmallWork = (outputs: readonly Value[]): boolean =>
  liveValues(outputs).reduce((total, value) => total + work(value), 0) <= SMALL;

const FREE = new Set(["Input", "Constant", "Reshape"]);
const PRODUCTS = new Set(["Gemm", "MatMul", "FusedGemm", "FusedMatMul"]);

function work({ op, inputs, shape }: Value): number {
  if (FREE.has(op)) return 0;
  if (op === "BlockedConv") return (product(shape) * product(inputs[1].shape)) / inputs[1].shape[0] / PER_NUMBER;
  if (!PRODUCTS.has(op)) return product(shape);
  // Of (m, k) and (k, n) to (m, n) there are m k n, the root of the product of the three sizes, whichever factor lies transposed.
  const sizes = [...inputs.slice(0, 2).flatMap((factor) => factor.shape), ...shape];
  return Math.sqrt(product(sizes)) / PER_NUMBER;
}
