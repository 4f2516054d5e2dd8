import fc from "fast-check";
import { expect, test } from "vitest";
import type { Model } from "../../src/model.ts";
import { mergeMixtures } from "../../src/models/index.ts";
import { ensemble, type GmnmOptions, gmnm, linear } from "../../src/nn/index.ts";
import { namedTensors, placeParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { initialParams } from "../../src/train/fit.ts";
import { forward, maxDifference, uniformTensor } from "../forward.ts";

/** A mixture with every number at random: none may be lost. */
function random(seed: number, d: number, o: number, options: GmnmOptions): Model {
  const layer = gmnm(d, o, { initializer: "random", ...options });
  const params = initialParams(layer, new Random(seed));
  const noise = new Random(seed + 1000);
  for (const [, { data }] of namedTensors(params)) for (let i = 0; i < data.length; i++) data[i] += noise.gaussian();
  return { layer, params };
}

test("the merged mixture says the mean of what its members say, whatever their form", () => {
  fc.assert(
    fc.property(
      fc.record({
        covariance: fc.constantFrom("full", "lowRank", "diagonal", "isotropic"),
        aggregate: fc.constantFrom("norm", "sum"),
        centers: fc.constantFrom("explicit", "projected"),
        skip: fc.boolean(),
        bias: fc.boolean(),
      }),
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 3 }),
      (options, sizes, d, o) => {
        const models = sizes.map((numComponents, i) => random(i, d, o, { ...options, numComponents } as GmnmOptions));
        const merged = mergeMixtures(models);
        const x = uniformTensor(9, [20, d]);
        const mean = forward(
          ensemble(...models.map(({ layer }) => layer)),
          models.map(({ params }) => placeParams(params)),
          x,
        );
        expect(maxDifference(forward(merged.layer, placeParams(merged.params), x).data, mean.data)).toBeLessThan(2e-5);
        expect(merged.layer.config.numComponents).toBe(sizes.reduce((a, b) => a + b));
      },
    ),
    { numRuns: 60 },
  );
});

test("refuses what has no mean among mixtures, naming it", () => {
  const [a, b] = [random(1, 6, 1, { rank: 2 }), random(2, 6, 1, { rank: 3 })];
  expect(() => mergeMixtures([a, b])).toThrow("mixtures to merge must have the same rank, got 2 and 3");
  const unity = random(1, 2, 1, { partitionOfUnity: true });
  expect(() => mergeMixtures([unity, unity])).toThrow("partition of unity");
  expect(() => mergeMixtures([{ layer: linear(2, 1), params: {} }])).toThrow("of type linear");
  expect(() => mergeMixtures([])).toThrow("at least one model");
});
