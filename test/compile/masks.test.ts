// Gradients of large maxima are products with masks, where nothing that is masked out can be an infinity of the function's own making.
import { grad, numpy as np } from "@jax-js/jax";
import { expect, test } from "vitest";
import { compileFunction } from "../../src/compile/compile.ts";
import { liveValues } from "../../src/compile/graph.ts";
import { buildGraph } from "../../src/compile/program.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";
import { describeNative } from "./native.ts";

const [ROWS, WIDTH] = [512, 64]; // 32768 numbers

/** The gradient with respect to x, computed by ONNX Runtime, and the operators that it ran. */
async function gradientOf(loss: (x: np.Array, w: np.Array) => np.Array, x: Tensor, w: Tensor) {
  const gradient = ((a: np.Array, b: np.Array) => grad((one: np.Array) => loss(one, b.ref))(a) as np.Array) as never;
  const compiled = await compileFunction(gradient, { executor: "native" });
  const { data } = (await compiled(x, w)) as Tensor;
  compiled.dispose();
  const ops = liveValues(buildGraph(gradient, [x, w]).outputs).map(({ op }) => op);
  return { data: Float64Array.from(data), ops };
}

const halfSquare = (y: np.Array): np.Array => np.square(y).sum().mul(0.5);

/** (rows, WIDTH) times w, or its transpose, in double precision. */
function times(x: Float64Array, w: Tensor, { transposed = false } = {}): Float64Array {
  const result = new Float64Array(x.length);
  for (const [k, value] of x.entries()) {
    const [row, i] = [k - (k % WIDTH), k % WIDTH];
    for (let j = 0; j < WIDTH; j++) result[row + j] += value * w.data[transposed ? j * WIDTH + i : i * WIDTH + j];
  }
  return result;
}

/** The gradient of ½‖m w‖² with respect to m. */
const gradientOfHalfSquare = (m: Float64Array, w: Tensor): Float64Array => times(times(m, w), w, { transposed: true });

describeNative("the gradient of a maximum", () => {
  const random = new Random(1);
  const x = random.normal([ROWS, WIDTH]);
  const w = random.normal([WIDTH, WIDTH], 0.1);
  // Where two numbers are as large, jax-js gives the gradient to the first.
  x.data.fill(0, 0, 100);

  test("with a number, behind a product", async () => {
    const { data, ops } = await gradientOf((a, b) => halfSquare(np.matmul(np.maximum(a, 0), b)), x, w);
    expect(ops).not.toContain("Where");
    const g = gradientOfHalfSquare(
      Float64Array.from(x.data, (value) => Math.max(value, 0)),
      w,
    );
    for (const [i, value] of data.entries()) expect(value).toBeCloseTo(x.data[i] < 0 ? 0 : g[i], 4);
  });

  test("of two halves, behind a product, goes to one of them and leaves nothing to the other", async () => {
    const loss = (a: np.Array, b: np.Array) => {
      const [upper, lower] = np.split(a, 2, 0);
      return halfSquare(np.matmul(np.maximum(upper, lower), b));
    };
    const { data, ops } = await gradientOf(loss, x, w);
    expect(ops).not.toContain("Where");
    expect(ops).toContain("Sub");
    const half = x.data.length / 2;
    const [upper, lower] = [x.data.subarray(0, half), x.data.subarray(half)];
    const g = gradientOfHalfSquare(
      Float64Array.from(upper, (value, i) => Math.max(value, lower[i])),
      w,
    );
    for (const [i, value] of g.entries()) {
      expect(data[i]).toBeCloseTo(upper[i] < lower[i] ? 0 : value, 4);
      expect(data[half + i]).toBeCloseTo(upper[i] < lower[i] ? value : 0, 4);
    }
  });

  test("of equal infinities goes to the first", async () => {
    const infinite = random.normal([ROWS, WIDTH]);
    infinite.data.fill(-Infinity);
    const loss = (a: np.Array, b: np.Array) => {
      const [upper, lower] = np.split(a, 2, 0);
      return np.matmul(np.maximum(np.maximum(upper, lower), -1), b).sum();
    };
    const { data } = await gradientOf(loss, infinite, w);
    expect(data.every((value) => value === 0)).toBe(true);
  });

  test("of outputs of products, among which are the closest numbers and equal ones", async () => {
    const pairs = [
      [1, 1 + 2 ** -23],
      [1 + 2 ** -23, 1],
      [1.2e-38, 1.8e-38],
      [-1.8e-38, -1.2e-38],
      [7, 7],
      [0, 0],
      [-0, 0],
      [1e38, -1e38],
    ];
    const numbers = random.normal([ROWS, WIDTH]);
    const half = numbers.data.length / 2;
    for (const [i, [upper, lower]] of pairs.entries()) [numbers.data[i], numbers.data[half + i]] = [upper, lower];
    const identity = tensor(
      w.data.map((_, i) => Number(i % (WIDTH + 1) === 0)),
      [WIDTH, WIDTH],
    );
    const loss = (a: np.Array, b: np.Array) => {
      const [upper, lower] = np.split(np.matmul(a, b.ref), 2, 0);
      return halfSquare(np.matmul(np.maximum(upper, lower), b));
    };
    const { data, ops } = await gradientOf(loss, numbers, identity);
    expect(ops).toContain("HardSigmoid");
    expect(ops).not.toContain("Less");
    // The gradient is the maximum itself; without the sign of zero.
    for (let i = 0; i < half; i++) {
      const [upper, lower] = [numbers.data[i] + 0, numbers.data[half + i] + 0];
      expect([data[i] + 0, data[half + i] + 0]).toEqual(upper < lower ? [0, lower] : [upper, 0]);
    }
  });

  test("keeps infinities out that the formula makes where it is masked", async () => {
    const { data, ops } = await gradientOf((a) => np.sqrt(np.maximum(a, 0)).sum(), x, w);
    expect(ops).toContain("Where");
    for (const [i, value] of data.entries())
      if (x.data[i] !== 0) expect(value).toBeCloseTo(x.data[i] < 0 ? 0 : 0.5 / Math.sqrt(x.data[i]), 3);
  });

  test("a choice that is no gradient of a maximum keeps out what it does not choose", async () => {
    const rows = random.normal([ROWS, WIDTH]);
    rows.data.fill(Number.NaN, 0, WIDTH);
    const choose = ((a: np.Array, b: np.Array) => {
      const valid = a.ref.equal(a.ref);
      return np.where(valid, np.matmul(a, b), 0);
    }) as never;
    const compiled = await compileFunction(choose, { executor: "native" });
    const { data } = (await compiled(rows, w)) as Tensor;
    compiled.dispose();
    expect([...data.subarray(0, WIDTH)]).toEqual(Array(WIDTH).fill(0));
  });
});
