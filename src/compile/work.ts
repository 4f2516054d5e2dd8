import { liveValues, type Value } from "./graph.ts";
import { product } from "./view.ts";

/** Numbers of an array, and multiplications of a matrix product, up to which a second thread takes longer to wake than it helps. Measured. */
const SMALL_ARRAY = 65_536;
const SMALL_PRODUCT = 2 ** 20;

/** Whether no operator has enough to do for several threads. */
export function isSmallWork(outputs: readonly Value[]): boolean {
  return liveValues(outputs).every(
    (value) => product(value.shape) <= SMALL_ARRAY && multiplications(value) <= SMALL_PRODUCT,
  );
}

const PRODUCTS = new Set(["Gemm", "MatMul", "FusedGemm", "FusedMatMul"]);

/** Of (m, k) and (k, n) to (m, n) they are m k n, the root of the product of the three sizes, whichever factor lies transposed. */
function multiplications({ op, inputs, shape }: Value): number {
  return PRODUCTS.has(op) ? Math.sqrt(product([...inputs.slice(0, 2).flatMap((factor) => factor.shape), ...shape])) : 0;
}
