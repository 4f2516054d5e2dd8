// Convolutions over blocks of channels, as ONNX Runtime has them, against plain loops in double precision.
import { grad, lax, type numpy as np } from "@jax-js/jax";
import fc from "fast-check";
import { expect, test } from "vitest";
import { channelBlockOf } from "../../src/compile/channel-block.ts";
import { compileFunction } from "../../src/compile/compile.ts";
import { type Graph, liveValues, type Value } from "../../src/compile/graph.ts";
import { encodeModel } from "../../src/compile/onnx.ts";
import { rewrite } from "../../src/compile/passes/rewrite.ts";
import { buildGraph } from "../../src/compile/program.ts";
import { loadRuntime } from "../../src/compile/session.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";
import { relativeError } from "../gradients.ts";
import { describeNative, hasNative } from "./native.ts";

const RUNS = Number(process.env.RUNS ?? 40);

type Pair = [number, number];

/** A convolution of images (batch, channels, height, width) with kernels (outputs, channels, height, width). */
type Case = {
  x: number[];
  kernel: number[];
  strides: Pair;
  padding: [Pair, Pair];
  lhsDilation: Pair;
  rhsDilation: Pair;
};

const lengthOf = ({ x, kernel, strides, padding, lhsDilation, rhsDilation }: Case, i: number) => {
  const image = (x[i + 2] - 1) * lhsDilation[i] + 1 + padding[i][0] + padding[i][1];
  return Math.floor((image - (kernel[i + 2] - 1) * rhsDilation[i] - 1) / strides[i]) + 1;
};

const shapeOf = (one: Case) => [one.x[0], one.kernel[0], lengthOf(one, 0), lengthOf(one, 1)];

/** Calls `visit` with the places of the output, the pixel and the weight of every multiplication. */
function multiplications(one: Case, visit: (y: number, x: number, weight: number) => void): void {
  const [batch, channels, ...size] = one.x;
  const [outputs, , height, width] = one.kernel;
  const [, , rows, columns] = shapeOf(one);
  const pixel = (at: number, tap: number, i: number) => {
    const place = at * one.strides[i] + tap * one.rhsDilation[i] - one.padding[i][0];
    const [step, length] = [one.lhsDilation[i], size[i]];
    return place % step === 0 && place >= 0 && place / step < length ? place / step : -1;
  };
  for (let n = 0; n < batch; n++)
    for (let o = 0; o < outputs; o++)
      for (let r = 0; r < rows; r++)
        for (let c = 0; c < columns; c++)
          for (let i = 0; i < height; i++)
            for (let j = 0; j < width; j++) {
              const [h, w] = [pixel(r, i, 0), pixel(c, j, 1)];
              if (h < 0 || w < 0) continue;
              const y = ((n * outputs + o) * rows + r) * columns + c;
              for (let k = 0; k < channels; k++)
                visit(
                  y,
                  ((n * channels + k) * size[0] + h) * size[1] + w,
                  ((o * channels + k) * height + i) * width + j,
                );
            }
}

type Sums = { sums: Float64Array; magnitudes: Float64Array };

/** Values, and gradients of Σ cotangent ⊙ y, in double precision, with the magnitudes that were added. */
function exactly(one: Case, x: Tensor, kernel: Tensor, cotangent: Tensor): Record<string, Sums> {
  const zeros = ({ data }: Tensor): Sums => ({
    sums: new Float64Array(data.length),
    magnitudes: new Float64Array(data.length),
  });
  const add = ({ sums, magnitudes }: Sums, at: number, term: number) => {
    sums[at] += term;
    magnitudes[at] += Math.abs(term);
  };
  const [y, ofX, ofKernel] = [zeros(cotangent), zeros(x), zeros(kernel)];
  multiplications(one, (at, pixel, weight) => {
    add(y, at, x.data[pixel] * kernel.data[weight]);
    add(ofX, pixel, cotangent.data[at] * kernel.data[weight]);
    add(ofKernel, weight, cotangent.data[at] * x.data[pixel]);
  });
  return { y, ofX, ofKernel };
}

const valuesAndGradients = ({ strides, padding, lhsDilation, rhsDilation }: Case) =>
  ((x: np.Array, kernel: np.Array, cotangent: np.Array) => {
    const convolve = (a: np.Array, b: np.Array) =>
      lax.convGeneralDilated(a, b, strides, padding, { lhsDilation, rhsDilation });
    const loss = (a: np.Array, b: np.Array) => convolve(a, b).mul(cotangent.ref).sum();
    const y = convolve(x.ref, kernel.ref);
    const [ofX, ofKernel] = grad(loss, { argnums: [0, 1] })(x, kernel) as [np.Array, np.Array];
    cotangent.dispose();
    return { y, ofX, ofKernel };
  }) as never;

const cases: fc.Arbitrary<Case> = fc
  .record({
    batch: fc.constantFrom(1, 2, 9, 16, 17),
    channels: fc.constantFrom(1, 3, 8, 16, 20, 32),
    outputs: fc.constantFrom(1, 5, 8, 16, 24),
    size: fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })),
    kernelSize: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    padding: fc.tuple(...[0, 1].map(() => fc.tuple(fc.integer({ min: -1, max: 3 }), fc.integer({ min: -1, max: 3 })))),
    lhsDilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    rhsDilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
  })
  .map(({ batch, channels, outputs, size, kernelSize, padding, ...steps }) => ({
    x: [batch, channels, ...size],
    kernel: [outputs, channels, ...kernelSize],
    padding: padding as [Pair, Pair],
    ...steps,
  }))
  .filter((one) => [0, 1].every((i) => lengthOf(one, i) > 0 && hasGradients(one, i)));

/** jax-js computes gradients as convolutions with other paddings, and refuses those that take away more than there is. */
function hasGradients(one: Case, i: number): boolean {
  const [x, y] = [one.x[i + 2], lengthOf(one, i)];
  const [image, kernel] = [(x - 1) * one.lhsDilation[i] + 1, (one.kernel[i + 2] - 1) * one.rhsDilation[i] + 1];
  const [before, after] = one.padding[i];
  const outputs = (y - 1) * one.strides[i] + 1;
  const ofKernel: Pair = [before, outputs - image + kernel - before - 1];
  const ofX: Pair = [kernel - 1 - before, image - outputs + before];
  const suits = (pads: Pair, length: number) => Math.min(...pads, pads[0] + pads[1]) >= -length;
  return suits([before, after], x) && suits(ofKernel, x) && suits(ofX, y);
}

async function expectExact(one: Case, run: (args: Tensor[]) => Promise<Record<string, ArrayLike<number>>>) {
  const random = new Random(one.x.join().length);
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
      fc.asyncProperty(cases, (one) =>
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
      fc.asyncProperty(cases, (one) =>
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

  test("of nothing but padding is zero", async () => {
    const padding: [Pair, Pair] = [
      [-1, 2],
      [0, 1],
    ];
    const beside = ((x: np.Array, kernel: np.Array) => lax.convGeneralDilated(x, kernel, [1, 1], padding)) as never;
    const compiled = await compileFunction(beside, { executor: "native" });
    const { data, shape } = (await compiled(tensor([5], [1, 1, 1, 1]), tensor([3], [1, 1, 1, 1]))) as Tensor;
    compiled.dispose();
    expect([shape, ...data]).toEqual([[1, 1, 2, 2], 0, 0, 0, 0]);
  });

  test("second derivatives", async () => {
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

/** A convolution in blocks as ONNX's own Conv between reshapes and transposes. */
function unblocked(graph: Graph, { op, inputs, shape, attributes, dtype }: Value, block: number): Value | undefined {
  if (op !== "BlockedConv") return undefined;
  const reshaped = (value: Value, to: number[]) => graph.node("Reshape", [value, graph.list(to)], to, dtype);
  const turned = (value: Value, perm: number[]) => {
    const to = perm.map((axis) => value.shape[axis]);
    return graph.node("Transpose", [value], to, dtype, { perm });
  };
  const [x, kernel] = inputs;
  const [batch, channels, ...size] = x.shape;
  const [outputs, , ...kernelSize] = kernel.shape;
  const inBlock = channels < block ? 1 : block;
  const image = turned(reshaped(x, [batch, channels / inBlock, ...size, inBlock]), [0, 1, 4, 2, 3]);
  const kernels = turned(
    reshaped(kernel, [outputs / block, channels / inBlock, ...kernelSize, inBlock, block]),
    [0, 5, 1, 4, 2, 3],
  );
  const y = graph.node(
    "Conv",
    [reshaped(image, [...x.shape]), reshaped(kernels, [...kernel.shape])],
    shape,
    dtype,
    attributes,
  );
  const [, , height, width] = shape;
  const blocks = turned(reshaped(y, [batch, outputs / block, block, height, width]), [0, 1, 3, 4, 2]);
  return reshaped(blocks, [...shape]);
}

test("images stay in blocks from one convolution to the next", () => {
  const two = ((x: np.Array, a: np.Array, b: np.Array) =>
    lax.conv(lax.conv(x, a, [1, 1], "SAME").ref.mul(2), b, [1, 1], "SAME")) as never;
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
