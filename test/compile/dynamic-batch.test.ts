import { numpy as np } from "@jax-js/jax";
import { describe, expect, test } from "vitest";
import { withDynamicBatch } from "../../src/compile/dynamic-batch.ts";
import { liveValues } from "../../src/compile/graph.ts";
import { encodeModel } from "../../src/compile/onnx.ts";
import { buildGraph } from "../../src/compile/program.ts";
import { GmnmError } from "../../src/errors.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, tensor, toArray, toTensor } from "../../src/tensor.ts";
import { relativeError } from "../gradients.ts";
import { runOnnx, startWeb } from "../run-onnx.ts";

const web = await startWeb();

type Rows = (x: np.Array) => np.Array;
const columns = 4;

/** The graph of a function of rows (batch, 4), and what it is made of. */
function compiled(fn: Rows) {
  const ends = withDynamicBatch((batch) =>
    buildGraph(fn, [tensor(new Float32Array(batch * columns), [batch, columns])]),
  );
  return { ...ends, ops: liveValues(ends.outputs).map(({ op }) => op) };
}

/** What the graph says of batches, compared with what the function says. */
async function expectSame(fn: Rows, batches: Tensor[]) {
  const { inputs, outputs } = compiled(fn);
  const dynamic = { x: { 0: "batch" }, y: { 0: "rows" } };
  const model = encodeModel([{ name: "x", value: inputs[0] }], [{ name: "y", value: outputs[0] }], { dynamic });
  const found = await runOnnx(web, model, batches);
  for (const [i, batch] of batches.entries()) {
    const expected = toTensor(fn(toArray(batch)));
    expect(found[i].shape).toEqual(expected.shape);
    expect(relativeError(found[i].data, expected.data)).toBeLessThan(1e-5);
  }
}

const ofSizes = (...sizes: number[]) => sizes.map((size) => new Random(size).normal([size, columns]));
const rowsOf = (x: np.Array) => x.shape[0];
const matrix = () => toArray(new Random(1).normal([columns, 3]));

/** Functions, each with an operator that its graph needs, or must not need, for a batch of any size. */
const functions: [name: string, fn: Rows, needs: string, spares?: string][] = [
  ["the identity", (x) => x, "Input", "Shape"],
  ["a matrix product", (x) => np.matmul(x, matrix()), "Gemm", "Shape"],
  ["one unknown size", (x) => x.reshape([rowsOf(x), 2, 2]).sum(1), "Reshape", "Shape"],
  ["rows split into rows", (x) => np.sin(x).reshape([2 * rowsOf(x), 2]), "Reshape", "Shape"],
  [
    "two unknown sizes",
    (x) => {
      const b = rowsOf(x);
      const distances = x.ref.reshape([b, 1, columns]).sub(x.reshape([1, b, columns])); // (b, b, 4)
      return np.exp(distances.reshape([b, b * columns])).sum(1);
    },
    "Shape",
  ],
  ["the same numbers beside every row", (x) => np.concatenate([x.ref, np.ones([rowsOf(x), 1])], 1), "Shape"],
  [
    "each row twice",
    (x) => {
      const b = rowsOf(x);
      return np.sin(np.concatenate([np.broadcastTo(x.ref.reshape([b, 1, 4]), [b, 2, 4]), x.reshape([b, 1, 4])], 1));
    },
    "Expand",
    "Shape",
  ],
  ["nothing of the input but its size", (x) => np.cos(np.zeros([rowsOf(x), 3])), "Shape"],
  ["zeros on one side", (x) => np.pad(x, { 1: [2, 0] }), "Pad", "Shape"],
  [
    "pieces between zeros",
    (x) => np.pad(x.ref.slice([], [0, 2]), { 1: [1, 5] }).add(np.pad(x.slice([], [1, 3]), { 1: [4, 2] })),
    "Concat",
    "Place",
  ],
  ["zeros of a fixed size", (x) => x.add(np.pad(matrix().sum(1).slice([0, 3]), { 0: [1, 0] })), "Add", "Shape"],
  ["a sum over the batch", (x) => x.ref.add(x.sum(0)), "Gemm"],
  ["columns turned round", (x) => np.flip(x, 1), "Slice", "Shape"],
];

describe("one graph for every batch size", () => {
  test.each(functions)("%s", async (_, fn, needs, spares) => {
    await expectSame(fn, ofSizes(1, 2, 5, columns, 300));
    const { ops } = compiled(fn);
    expect(ops).toContain(needs);
    if (spares) expect(ops).not.toContain(spares);
  });
});

describe("refuses what depends on the batch size otherwise", () => {
  test.each<[string, Rows, string]>([
    ["a mean", (x) => x.ref.sub(x.mean(0)), "it computes with numbers that depend on it"],
    ["a factor", (x) => x.ref.mul(1 / Math.sqrt(rowsOf(x))), "it computes with numbers that depend on it"],
    ["the number of a row", (x) => x.ref.add(np.arange(rowsOf(x)).reshape([-1, 1])), "it computes with numbers"],
    ["all rows but the first", (x) => x.slice([1, rowsOf(x)]), "it computes with numbers that depend on it"],
    ["the rows turned round", (x) => np.flip(x, 0), "it computes with numbers that depend on it"],
    ["a row of zeros", (x) => np.pad(x, { 0: [0, 1] }), "a dimension is neither fixed nor a multiple of it (10008 for"],
    ["as many rows of zeros", (x) => np.pad(x.ref, { 0: [0, rowsOf(x)] }), "it adds zeros to the batch"],
    ["another function", (x) => (rowsOf(x) % 4 === 1 ? np.sin(x) : np.cos(x)), "it takes other operations for other"],
    ["another rank", (x) => (rowsOf(x) % 4 === 1 ? x.reshape([1, -1, 4]) : x.reshape([-1, 4])), "it takes other"],
  ])("%s", (_, fn, reason) => {
    expect(() => compiled(fn)).toThrow(GmnmError);
    expect(() => compiled(fn)).toThrow(`gmnm: this function cannot be compiled for every batch size: ${reason}`);
  });
});

test("a size that happens to be one of the batch sizes tried is still fixed", async () => {
  const size = 10_007;
  const table = toArray(new Random(2).normal([size, columns]));
  // At a batch of that size, the ones are the same value twice.
  const withOnes = (rows: np.Array) => np.concatenate([rows, np.ones([rowsOf(rows), 1])], 1);
  const fn: Rows = (x) => np.matmul(withOnes(x), withOnes(table.ref).transpose());
  await expectSame(fn, ofSizes(1, 3));
  table.dispose();
});
