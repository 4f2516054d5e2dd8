import { grad, jit, jvp, numpy as np, vmap } from "@jax-js/jax";
import { beforeAll, expect, test } from "vitest";
import { compileFunction } from "../../src/compile/compile.ts";
import { ready } from "../../src/compile/executor.ts";
import { sigmoid, tanh } from "../../src/nn/elementwise.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";

type Fn = (x: np.Array) => np.Array;

beforeAll(() => ready());

const points = [-3, -1.2, -0.3, 0, 0.4, 1.1, 2.5];
const derivative =
  (f: Fn): Fn =>
  (x) =>
    jvp(f, [x.ref], [np.onesLike(x)])[1] as np.Array;
const nth = (f: Fn, n: number): Fn => (n === 0 ? f : nth(derivative(f), n - 1));

// Derivatives as polynomials in the value, from f′ = p(f): the next is p_n′(f) p(f).
const differentiated = (coefficients: number[], slope: number[]) => {
  const result: number[] = Array(coefficients.length + slope.length - 1).fill(0);
  for (const [i, c] of coefficients.entries())
    for (const [j, s] of slope.entries()) if (i > 0) result[i - 1 + j] += i * c * s;
  return result;
};
const evaluated = (coefficients: number[], t: number) => coefficients.reduceRight((sum, c) => sum * t + c, 0);

test.for([
  { name: "tanh", f: tanh, value: Math.tanh, slope: [1, 0, -1] },
  { name: "sigmoid", f: sigmoid, value: (x: number) => 1 / (1 + Math.exp(-x)), slope: [0, 1, -1] },
])("derivatives of $name up to the fifth, on every executor", async ({ f, value, slope }) => {
  let expected = [0, 1];
  for (let n = 0; n <= 5; n++) {
    for (const executor of ["auto", "wasm"] as const) {
      const compiled = await compileFunction(nth(f, n), { executor });
      const { data } = (await compiled(tensor(points, [points.length]))) as Tensor;
      for (const [i, x] of points.entries()) expect(data[i]).toBeCloseTo(evaluated(expected, value(x)), n < 4 ? 5 : 3);
      compiled.dispose();
    }
    expected = differentiated(expected, slope);
  }
});

test("a gradient of a second derivative", async () => {
  const loss: Fn = (x) => np.square(nth(tanh, 2)(x)).sum();
  for (const executor of ["auto", "wasm"] as const) {
    const compiled = await compileFunction(grad(loss), { executor });
    const { data } = (await compiled(tensor(points, [points.length]))) as Tensor;
    for (const [i, x] of points.entries()) {
      const t = Math.tanh(x);
      const [second, third] = [-2 * t * (1 - t * t), (6 * t * t - 2) * (1 - t * t)];
      expect(data[i]).toBeCloseTo(2 * second * third, 4);
    }
    compiled.dispose();
  }
});

const derivativeOf = (f: Fn) => grad((x: np.Array) => f(x).sum());
test.for([
  ["behind a jit", derivativeOf(jit((x: np.Array) => tanh(x))), 1],
  ["of a derivative behind a jit", derivativeOf(jit(derivative(tanh))), 2],
  ["behind a jit behind a jit", derivative(jit(derivative(jit((x: np.Array) => tanh(x.mul(1)))))), 2],
  ["one by one", vmap(grad(tanh)) as Fn, 1],
  ["of known numbers", (x: np.Array) => nth(tanh, 2)(np.array(points)).add(x.mul(0)), 2],
] as const)("derivatives that a trace does not see: %s", async ([, f, order]) => {
  const exact = [
    (t: number) => 1 - t * t,
    (t: number) => -2 * t * (1 - t * t), // tanh″
  ][order - 1];
  for (const executor of ["auto", "wasm"] as const) {
    const compiled = await compileFunction(f, { executor });
    const { data } = (await compiled(tensor(points, [points.length]))) as Tensor;
    for (const [i, x] of points.entries()) expect(data[i]).toBeCloseTo(exact(Math.tanh(x)), 5);
    compiled.dispose();
  }
});
