// Softmax is one operator, and its derivatives are those of its closed form.
import { grad, jvp, nn, numpy as np } from "@jax-js/jax";
import { expect, test } from "vitest";
import { compileFunction } from "../../src/compile/compile.ts";
import { liveValues } from "../../src/compile/graph.ts";
import { buildGraph } from "../../src/compile/program.ts";
import { softmax } from "../../src/nn/softmax.ts";
import { Random } from "../../src/random.ts";
import type { Tensor } from "../../src/tensor.ts";
import { maxDifference } from "../forward.ts";
import { describeNative } from "./native.ts";

type Fn = (x: np.Array) => np.Array;

const opsOf = (fn: Fn, x: Tensor) => liveValues(buildGraph(fn as never, [x]).outputs).map(({ op }) => op);
/** A loss in which every share has another weight. */
const weighted =
  (shares: Fn): Fn =>
  (x) =>
    np.square(shares(x).mul(np.arange(5).add(1))).sum();
const slope =
  (f: Fn): Fn =>
  (x) =>
    jvp(f, [x.ref], [np.sin(x)])[1] as np.Array;

describeNative("softmax", () => {
  const random = new Random(1);
  const points: Record<string, Tensor> = {
    matrix: random.normal([7, 5], 3),
    "of heads": random.normal([2, 3, 4, 5], 3),
    // Exponentials of these overflow unless the largest is taken off.
    large: random.normal([3, 5], 300),
  };

  test.each(Object.entries(points))(
    "%s: one operator, with the derivatives that jax-js finds, up to the third",
    async (_, x) => {
      expect(opsOf(softmax, x)).toEqual(["Input", "Softmax"]);
      const plain: Fn = (x) => nn.softmax(x, -1);
      let [own, theirs] = [weighted(softmax), weighted(plain)];
      for (let n = 0; n <= 3; n++) {
        const [native, wasm] = await Promise.all([
          compileFunction(own, { executor: "native" }),
          compileFunction(theirs, { executor: "wasm" }),
        ]);
        const [a, b] = [(await native(x)) as Tensor, (await wasm(x)) as Tensor];
        const size = Math.max(1, ...b.data.map(Math.abs));
        expect(maxDifference(a.data, b.data) / size, `derivative ${n}`).toBeLessThan(2e-5);
        native.dispose();
        wasm.dispose();
        [own, theirs] = [slope(own), slope(theirs)];
      }
    },
  );

  test("its gradient needs neither exponentials nor divisions", () => {
    const ops = opsOf(grad(weighted(softmax)) as Fn, points.matrix);
    expect(ops).toContain("Softmax");
    for (const op of ["Exp", "Div", "Reciprocal", "ReduceMax"]) expect(ops).not.toContain(op);
  });

  test("what only looks like it stays as it is", () => {
    const shifted = (x: np.Array) => np.exp(x.ref.sub(x.max(-1, { keepdims: true })));
    const columns: Fn = (x) => {
      const e = shifted(x);
      return e.ref.mul(np.reciprocal(e.sum(0, { keepdims: true })));
    };
    const least: Fn = (x) => {
      const e = np.exp(x.ref.sub(x.min(-1, { keepdims: true })));
      return e.ref.mul(np.reciprocal(e.sum(-1, { keepdims: true })));
    };
    const both: Fn = (x) => {
      const e = shifted(x);
      return np.concatenate([e.ref.mul(np.reciprocal(e.ref.sum(-1, { keepdims: true }))), e], 0);
    };
    for (const fn of [columns, least, both]) expect(opsOf(fn, points.matrix)).not.toContain("Softmax");
  });
});
