// What is divided, and into how many shards.
import { numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import { describe, expect, test } from "vitest";
import { shardProgram } from "../../../src/compile/shard/program.ts";
import { traceFunction } from "../../../src/compile/traced.ts";
import type { ParamTensors } from "../../../src/params.ts";
import { Random } from "../../../src/random.ts";

type Arrays = Record<string, np.Array>;

/** Loss and gradient of a regression by a linear map and whatever is done to its predictions; divided by the rows of the second argument. */
function shardsOf(
  [rows, inFeatures, outFeatures]: number[],
  threads: number,
  lossOf: (y: np.Array, x: np.Array) => np.Array = (y) => np.square(y).mean(),
) {
  const random = new Random(0);
  const args: ParamTensors[] = [
    { w: random.normal([inFeatures, outFeatures]) },
    { x: random.normal([rows, inFeatures]) },
  ];
  const fn = (p: Arrays, { x }: Arrays) => {
    const loss = ({ w }: Arrays) => lossOf(np.matmul(x.ref, w), x.ref);
    const found = valueAndGrad(loss)(p);
    tree.dispose(x);
    return found;
  };
  return shardProgram(traceFunction(fn as never, args), { threads, rows: [1], held: [] });
}

describe("how many shards", () => {
  test.each<[string, sizes: number[], threads: number, shards: number | undefined]>([
    ["as many as there are threads", [4096, 64, 64], 4, 4],
    ["none for little work", [64, 32, 32], 4, undefined],
    ["fewer where each would have little to do", [1024, 64, 64], 16, 2],
    ["fewer where much has to be added up", [512, 1024, 1024], 64, 8],
    ["none for one thread", [4096, 64, 64], 1, undefined],
    ["none for one row", [1, 1024, 1024], 2, undefined],
  ])("%s", (_, sizes, threads, shards) => {
    expect(shardsOf(sizes, threads)?.shards.length).toBe(shards);
  });

  test("of as many rows, shards are compiled once", () => {
    expect(new Set(shardsOf([4096, 64, 64], 4)!.shards).size).toBe(1);
    expect(new Set(shardsOf([4095, 64, 64], 4)!.shards).size).toBe(2);
  });
});

describe("what can be divided", () => {
  const large = [4096, 64, 64];
  test.each<[string, (y: np.Array, x: np.Array) => np.Array]>([
    ["a mean", (y) => np.square(y).mean()],
    ["sums of several kinds, and a number", (y) => np.exp(y.ref).mean().add(np.abs(y).sum().mul(3)).add(1)],
    ["rows beside columns of their own", (y, x) => np.matmul(y.reshape([4096, 8, 8]), x.reshape([4096, 8, 8])).mean()],
  ])("%s", (_, lossOf) => expect(shardsOf(large, 2, lossOf)?.shards).toHaveLength(2));

  test.each<[string, (y: np.Array) => np.Array]>([
    ["rows less their mean", (y) => np.square(y.ref.sub(y.mean(0))).mean()],
    ["the largest of all rows", (y) => y.max(0).sum()],
    // Its gradient, by rows, needs it whole.
    ["the root of a mean", (y) => np.sqrt(np.square(y).mean())],
    ["every row beside every other", (y) => np.matmul(y.ref, y.transpose()).mean()],
    ["every row but the first", (y) => y.slice([1]).mean()],
    ["rows in the opposite order", (y) => y.ref.mul(np.flip(y, 0)).mean()],
    [
      "rows mixed with columns",
      (y) =>
        np
          .tanh(y.reshape([64, 4096]))
          .mul(np.arange(4096))
          .mean(),
    ],
  ])("not %s", (_, lossOf) => expect(shardsOf(large, 2, lossOf)).toBeUndefined());
});
