// Transposes by way of what ONNX Runtime does faster: against plain loops.
import { fromBinary } from "@bufbuild/protobuf";
import { numpy as np } from "@jax-js/jax";
import fc from "fast-check";
import { type GraphProto, ModelProtoSchema } from "onnx-buf";
import { expect, test } from "vitest";
import { compileFunction } from "../../src/compile/compile.ts";
import { buildProgram } from "../../src/compile/program.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";
import { describeNative } from "./native.ts";

type Case = { shape: number[]; perm: number[] };

const transpose = ({ perm }: Case) => ((x: np.Array) => np.exp(x).transpose(perm)) as never;

/** All zeros but for logarithms of places, so that what is computed says where it came from. */
const numbersOf = ({ shape }: Case): Tensor =>
  tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.log(1 + (i % 4093))),
    shape,
  );

function looped({ shape, perm }: Case): number[] {
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));
  let places = [0];
  for (const axis of perm)
    places = places.flatMap((at) => Array.from({ length: shape[axis] }, (_, i) => at + i * strides[axis]));
  return places.map((at) => 1 + (at % 4093));
}

/** The operators of the program that move something. */
function opsOf(one: Case): string[] {
  const { graph } = fromBinary(ModelProtoSchema, buildProgram(transpose(one), [numbersOf(one)]).model);
  return (graph as GraphProto).node.map(({ opType }) => opType).filter((op) => op === "Gather" || op === "Transpose");
}

async function expectMoved(one: Case) {
  const compiled = await compileFunction(transpose(one), { executor: "native" });
  const found = (await compiled(numbersOf(one))) as Tensor;
  compiled.dispose();
  expect(found.shape).toEqual(one.perm.map((axis) => one.shape[axis]));
  expect(Array.from(found.data, Math.round)).toEqual(looped(one));
}

describeNative("transposes", () => {
  test.each<[string, Case, string[]]>([
    ["rows of a few numbers are gathered", { shape: [3, 40, 9, 16], perm: [0, 2, 1, 3] }, ["Gather"]],
    ["rows of many are not", { shape: [3, 40, 9, 64], perm: [0, 2, 1, 3] }, ["Transpose"]],
    ["what is small is left alone", { shape: [3, 5, 4, 16], perm: [0, 2, 1, 3] }, ["Transpose"]],
    ["matrices are turned", { shape: [3, 100, 90], perm: [0, 2, 1] }, ["Transpose"]],
    [
      "a new innermost axis: rows, then matrices",
      { shape: [4, 16, 49, 16], perm: [3, 0, 2, 1] },
      ["Gather", "Transpose"],
    ],
    ["within an outer axis", { shape: [2, 3, 16, 49, 16], perm: [0, 4, 1, 3, 2] }, ["Gather", "Transpose"]],
    ["short columns are not", { shape: [4, 7, 98, 16], perm: [2, 0, 3, 1] }, ["Transpose"]],
  ])("%s", async (_, one, ops) => {
    expect(opsOf(one)).toEqual(ops);
    await expectMoved(one);
  });

  test("of random shapes", async () => {
    const cases: fc.Arbitrary<Case> = fc
      .array(fc.constantFrom<number>(2, 3, 5, 8, 16, 33, 70), { minLength: 2, maxLength: 5 })
      .filter((shape) => shape.reduce((a, b) => a * b, 1) < 200_000)
      .chain((shape) =>
        fc.record({
          shape: fc.constant(shape),
          perm: fc.shuffledSubarray([...shape.keys()], { minLength: shape.length }),
        }),
      );
    await fc.assert(fc.asyncProperty(cases, expectMoved), { numRuns: 30 });
  });
});
