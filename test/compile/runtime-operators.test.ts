// What ONNX Runtime would look for, the compiler does itself: which operators a program is left with, and that they compute the same.
import { fromBinary } from "@bufbuild/protobuf";
import { numpy as np } from "@jax-js/jax";
import { type GraphProto, ModelProtoSchema } from "onnx-buf";
import { expect, test } from "vitest";
import { compileFunction } from "../../src/compile/compile.ts";
import { buildProgram } from "../../src/compile/program.ts";
import { sigmoid, tanh } from "../../src/nn/elementwise.ts";
import { Random } from "../../src/random.ts";
import type { Tensor } from "../../src/tensor.ts";
import { maxDifference } from "../forward.ts";
import { describeNative } from "./native.ts";

type Fn = (...arrays: np.Array[]) => np.Array;

const random = new Random(3);
const [a, b] = [random.normal([5, 4]), random.normal([4, 6])];
const bias = random.normal([6]);
const [left, right] = [random.normal([3, 50, 40], 0.2), random.normal([3, 60, 40], 0.2)];

/** The operators of a program, in order, and its results beside those of wasm. */
async function compiled(fn: Fn, args: readonly Tensor[]) {
  const { graph } = fromBinary(ModelProtoSchema, buildProgram(fn as never, args).model);
  const [native, wasm] = await Promise.all(
    (["native", "wasm"] as const).map(async (executor) => {
      const run = await compileFunction(fn as never, { executor });
      const result = (await run(...args)) as Tensor;
      run.dispose();
      return result;
    }),
  );
  expect(native.shape).toEqual(wasm.shape);
  expect(maxDifference(native.data, wasm.data)).toBeLessThan(1e-5);
  return (graph as GraphProto).node.map(({ opType }) => opType).filter((op) => op !== "Reshape");
}

const turned = (x: np.Array) => x.transpose([0, 2, 1]);

describeNative("one operator", () => {
  test.each<[string, Fn, Tensor[], string[]]>([
    ["the sigmoid of a product", (x, y) => sigmoid(np.matmul(x, y)), [a, b], ["FusedGemm"]],
    ["tanh of a product and a bias", (x, y, z) => tanh(np.matmul(x, y).add(z)), [a, b, bias], ["FusedGemm"]],
    ["products with a transposed matrix", (x, y) => np.matmul(x, turned(y)), [left, right], ["FusedMatMul"]],
    [
      "and of two",
      (x, y) => np.matmul(turned(x), y),
      [random.normal([3, 40, 50], 0.2), random.normal([3, 40, 60], 0.2)],
      ["FusedMatMul"],
    ],
    ["a product times a number", (x, y) => np.matmul(x, y).mul(0.25).add(3), [a, b], ["Gemm", "Add"]],
    ["and with a bias", (x, y, z) => np.matmul(x, y).add(z).mul(-2), [a, b, bias], ["Gemm"]],
    ["times a number", (x, y) => np.matmul(x, turned(y)).mul(0.125).sub(0.5), [left, right], ["FusedMatMul", "Add"]],
    ["the transpose of a product", (x, y) => np.matmul(x, y).transpose().ref.reshape([5, 6]), [a, b], ["Gemm"]],
    [
      "of several, one of which is transposed",
      (x, y) => turned(np.matmul(x, turned(y))),
      [left, right],
      ["FusedMatMul"],
    ],
    [
      "times a number, in another shape",
      (x, y) => np.matmul(turned(x), y).mul(3).reshape([3, 1, 40, 60]).transpose([0, 1, 3, 2]),
      [random.normal([3, 50, 40], 0.2), random.normal([3, 50, 60], 0.2)],
      ["FusedMatMul"],
    ],
    [
      "times a number that is an input of many dimensions",
      (x, y, z) => np.matmul(turned(x), y).mul(z).reshape([3, 40, 60]).transpose([0, 2, 1]),
      [random.normal([3, 50, 40], 0.2), random.normal([3, 50, 60], 0.2), random.normal([1, 1, 1])],
      ["FusedMatMul", "Mul"],
    ],
    [
      "times a number of more dimensions than the product",
      (x, y, z) => np.matmul(x, y).reshape([1, 5, 6]).mul(z).reshape([5, 6]).transpose(),
      [a, b, random.normal([1, 1, 1])],
      ["Gemm", "Mul"],
    ],
    [
      "not one that would be two",
      (x, y) => turned(np.matmul(x, y)),
      [random.normal([3, 50, 40], 0.2), random.normal([3, 40, 60], 0.2)],
      ["MatMul", "Transpose"],
    ],
  ])("%s", async (_, fn, args, ops) => {
    expect(await compiled(fn, args)).toEqual(ops);
  });

  test("pieces of a whole", async () => {
    const mixed: Fn = (x) => {
      const [p, q, r] = np.split(x, [1, 3], 0);
      return np.concatenate([r, np.exp(p), np.sin(q)], 0);
    };
    expect(await compiled(mixed, [a])).toEqual(["Split", "Exp", "Sin", "Concat"]);
  });

  test("pieces joined and joined again, whatever is between them", async () => {
    const joined: Fn = (x) => {
      const rows = np.split(x, 5, 0).map((row, i) => row.mul(i + 1));
      const first = np.concatenate(rows.slice(0, 2), 0);
      return np.concatenate([rows[4], np.concatenate([first, rows[2]], 0), rows[3]], 0);
    };
    const ops = await compiled(joined, [a]);
    expect(ops.filter((op) => op === "Concat")).toHaveLength(1);
  });
});

describeNative("what stays apart:", () => {
  const count = (ops: string[], ...wanted: string[]) => ops.filter((op) => wanted.includes(op)).length;

  test("a product that is used twice", async () => {
    const both: Fn = (x, y) => {
      const product = np.matmul(x, y);
      return sigmoid(product.ref).add(product);
    };
    expect(count(await compiled(both, [a, b]), "Gemm", "Sigmoid")).toBe(2);
  });

  test("another turn than that of the last two dimensions", async () => {
    const fn: Fn = (x, y) => np.matmul(x.transpose([1, 0, 2]), y);
    const ops = await compiled(fn, [random.normal([50, 3, 40], 0.2), random.normal([3, 40, 60], 0.2)]);
    expect([count(ops, "MatMul", "FusedMatMul"), count(ops, "Transpose")]).toEqual([1, 1]);
  });

  test("slices that leave something out, or overlap", async () => {
    const gap: Fn = (x) => x.ref.slice([0, 2]).add(x.slice([3, 5]));
    const overlap: Fn = (x) => x.ref.slice([0, 3]).add(x.slice([2, 5]));
    for (const fn of [gap, overlap]) expect(count(await compiled(fn, [a]), "Split")).toBe(0);
  });

  test("joins that are used themselves", async () => {
    const fn: Fn = (x) => {
      const inner = np.concatenate([np.sin(x.ref), np.cos(x.ref)], 0);
      return np.concatenate([inner.ref, x], 0).slice([0, 10]).add(inner);
    };
    await compiled(fn, [a]);
  });
});
