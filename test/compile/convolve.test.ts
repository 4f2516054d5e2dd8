// Convolutions over blocks of channels, as ONNX Runtime has them, against plain loops in double precision.
import { grad, lax, type numpy as np } from "@jax-js/jax";
import fc from "fast-check";
import { expect, test } from "vitest";
import { channelBlockOf } from "../../src/compile/channel-block.ts";
import { compileFunction } from "../../src/compile/compile.ts";
import { liveValues, type Value } from "../../src/compile/graph.ts";
import { encodeModel } from "../../src/compile/onnx.ts";
import { rewrite } from "../../src/compile/passes/rewrite.ts";
import { buildGraph } from "../../src/compile/program.ts";
import { loadRuntime } from "../../src/compile/session.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";
import { relativeError } from "../gradients.ts";
import { describeNative, hasNative } from "./native.ts";
import { type Convolution, convolutions, exactly, shapeOf, valuesAndGradients } from "./random/convolutions.ts";
import { unblocked } from "./unblocked.ts";

const RUNS = Number(process.env.RUNS ?? 40);

async function expectExact(one: Convolution, run: (args: Tensor[]) => Promise<Record<string, ArrayLike<number>>>) {
  const random = new Random(1);
  const args = [one.x, one.kernel, shapeOf(one)].map((shape) => random.normal(shape));
  const expected = exactly(one, ...(args as [Tensor, Tensor, Tensor]));
  const found = await run(args);
  for (const [name, { sums, magnitudes }] of Object.entries(expected))
    for (const [i, sum] of sums.entries())
      expect(Math.abs(found[name][i] - sum), name).toBeLessThanOrEqual(1e-6 * magnitudes[i]);
}

/** The number of a processor's own block is asked of ONNX Runtime. */
const ort = hasNative ? (await loadRuntime())! : undefined;
const ownBlock = ort && (await channelBlockOf(ort));
if (hasNative && !ownBlock) console.warn("blocked convolutions not run: ONNX Runtime has none for this processor");

describeNative("convolutions over blocks of channels", () => {
  test.skipIf(!ownBlock)("as this processor computes them", async () => {
    await fc.assert(
      fc.asyncProperty(convolutions, (one) =>
        expectExact(one, async (args) => {
          const compiled = await compileFunction(valuesAndGradients(one), { executor: "native" });
          const found = (await compiled(...args)) as Record<string, Tensor>;
          compiled.dispose();
          return Object.fromEntries(Object.entries(found).map(([name, { data }]) => [name, data]));
        }),
      ),
      { numRuns: RUNS },
    );
  });

  test.each([4, 8, 16])("in blocks of %i, written out in ONNX's own operators", async (block) => {
    await fc.assert(
      fc.asyncProperty(convolutions, (one) =>
        expectExact(one, async (args) => {
          const { graph, inputs, outputs, unflatten } = buildGraph(valuesAndGradients(one), args, {
            channelBlock: block,
          });
          const plain = rewrite(graph, outputs, (_, value) => unblocked(graph, value, block));
          const named = (values: readonly Value[], letter: string) =>
            values.map((value, i) => ({ name: `${letter}${i}`, value }));
          const session = await ort!.InferenceSession.create(encodeModel(named(inputs, "x"), named(plain, "y")));
          const feeds = args.map(({ data, shape }, i) => [`x${i}`, new ort!.Tensor("float32", data, shape)] as const);
          const results = await session.run(Object.fromEntries(feeds));
          await session.release();
          return unflatten(plain.map((_, i) => results[`y${i}`].data)) as Record<string, ArrayLike<number>>;
        }),
      ),
      { numRuns: RUNS / 2 },
    );
  });

  test.skipIf(!ownBlock)("of nothing but padding is zero", async () => {
    const padding: Convolution["padding"] = [
      [-1, 2],
      [0, 1],
    ];
    const beside = ((x: np.Array, kernel: np.Array) => lax.convGeneralDilated(x, kernel, [1, 1], padding)) as never;
    const compiled = await compileFunction(beside, { executor: "native" });
    const { data, shape } = (await compiled(tensor([5], [1, 1, 1, 1]), tensor([3], [1, 1, 1, 1]))) as Tensor;
    compiled.dispose();
    expect([shape, ...data]).toEqual([[1, 1, 2, 2], 0, 0, 0, 0]);
  });

  test.skipIf(!ownBlock)("second derivatives", async () => {
    const energy = ((x: np.Array, kernel: np.Array) => {
      const loss = (a: np.Array, b: np.Array) => {
        const y = lax.conv(a, b, [1, 1], "SAME");
        return y.ref.mul(y.ref).mul(y).sum();
      };
      const norm = (a: np.Array, b: np.Array) => {
        const g = grad(loss)(a, b) as np.Array;
        return g.ref.mul(g).sum();
      };
      return grad(norm, { argnums: [0, 1] })(x, kernel) as [np.Array, np.Array];
    }) as never;
    const random = new Random(2);
    const args = [random.normal([2, 16, 5, 5]), random.normal([16, 16, 3, 3], 0.1)];
    const [found, expected] = await Promise.all(
      (["native", "wasm"] as const).map(async (executor) => {
        const compiled = await compileFunction(energy, { executor });
        const result = (await compiled(...args)) as unknown as Tensor[];
        compiled.dispose();
        return result;
      }),
    );
    for (const [i, { data }] of found.entries()) expect(relativeError(data, expected[i].data)).toBeLessThan(1e-5);
  });
});

test("images stay in blocks from one convolution to the next", () => {
  const two = ((x: np.Array, a: np.Array, b: np.Array) =>
    lax.conv(lax.conv(x, a, [1, 1], "SAME").mul(2), b, [1, 1], "SAME")) as never;
  const args = [
    [2, 16, 8, 8],
    [32, 16, 3, 3],
    [16, 32, 3, 3],
  ].map((shape) => tensor(new Float32Array(shape.reduce((p, q) => p * q)), shape));
  const { outputs } = buildGraph(two, args, { channelBlock: 16 });
  const convolutions = liveValues(outputs).filter(({ op }) => op === "BlockedConv");
  expect(convolutions).toHaveLength(2);
  const between = liveValues(convolutions.slice(1), ({ inputs }) => inputs.slice(0, 1)).map(({ op }) => op);
  expect(between.slice(between.indexOf("BlockedConv") + 1)).not.toContain("Transpose");
});
