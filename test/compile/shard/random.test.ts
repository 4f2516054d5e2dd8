// Random programs: whichever can be divided by rows makes the same in shards.
import { grad, numpy as np, tree } from "@jax-js/jax";
import fc from "fast-check";
import { expect } from "vitest";
import { tensor } from "../../../src/tensor.ts";
import { nativeTest } from "../native.ts";
import { inputNumbers, type RandomProgram, randomPrograms, runProgram } from "../random/programs.ts";
import { computeInShards, computeWhole } from "./shards.ts";

/** The sum of the squares of a program's results, and its gradient by the inputs that are not divided. */
const lossOf = (program: RandomProgram, divided: readonly boolean[]) => (whole: np.Array[], rows: np.Array[]) => {
  const loss = (given: np.Array[]) => {
    const [others, own] = [given.values(), rows.values()];
    const inputs = divided.map((isDivided) => (isDivided ? own : others).next().value!);
    const terms = runProgram(program, inputs).map((result) => np.square(result).sum());
    tree.dispose(given);
    return terms.reduce((total, term) => total.add(term));
  };
  const value = loss(tree.ref(whole) as np.Array[]);
  const gradient = whole.length > 0 ? grad(loss)(whole) : [];
  tree.dispose(rows);
  return { value, gradient };
};

/** Programs that were once computed wrongly. */
const mended: [RandomProgram, boolean[], number][] = [
  // A total was made before a number that its loop reads.
  [
    {
      inputs: [[], [9], [9]],
      operations: [
        { name: "max", picks: [19, 0, 0, 0, 0, 0] },
        { name: "add", picks: [0, 0, 0, 0, 0, 0] },
        { name: "multiply", picks: [45, 0, 0, 0, 0, 0, 0] },
        { name: "add", picks: [1, 25, 0, 0, 0, 0, 0, 0] },
      ],
    },
    [false, false, true],
    2,
  ],
];

// To hunt: RUNS=20000 npx vitest run test/compile/shard/random.test.ts --testTimeout 1000000
const RUNS = Number(process.env.RUNS ?? 500);

nativeTest("random programs: in shards as whole", { timeout: 120_000 }, async () => {
  let divisible = 0;
  const masks = fc.array(fc.boolean(), { minLength: 3, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(randomPrograms, masks, fc.integer({ min: 2, max: 3 }), async (program, mask, shards) => {
      const divided = program.inputs.map(([rows = 1], i) => rows > 1 && mask[i]);
      const inputs = program.inputs.map((shape, i) => tensor(inputNumbers(shape, i), shape));
      const args = [false, true].map((isDivided) => inputs.filter((_, i) => divided[i] === isDivided));
      if (args[1].length === 0) return;
      const fn = lossOf(program, divided) as never;
      const runs = await computeInShards(fn, args, { shards });
      if (!runs) return;
      divisible++;
      const expected = await computeWhole(fn, args);
      const largest = Math.max(...expected.flatMap((result) => [...result].map(Math.abs)));
      for (const [i, result] of expected.entries()) {
        // What cancels to nothing is only as exact as what it was made of.
        const size = Math.max(...[...result].map(Math.abs), 0.05 * largest);
        const error = Math.max(...[...result].map((value, k) => Math.abs(value - runs[0][i][k])));
        expect(error <= 1e-4 * size, `result ${i}: ${runs[0][i]} instead of ${result}`).toBe(true);
      }
    }),
    { numRuns: RUNS, examples: mended },
  );
  // Else nothing was tested: about every fifth can be.
  expect(divisible).toBeGreaterThan(RUNS / 10);
});
