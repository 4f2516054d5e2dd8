import fc from "fast-check";
import { expect, test } from "vitest";
import { candidatesOf, modelNames } from "../../src/auto/candidates.ts";
import { combine, type Share, scale } from "../../src/auto/combine.ts";
import { activation, fromConfig } from "../../src/nn/index.ts";
import { namedTensors, placeParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { initialParams } from "../../src/train/fit.ts";
import { forward, maxDifference, uniformTensor } from "../forward.ts";

const shape = { rows: 40, features: 3, outputs: 2 };
const x = uniformTensor(5, [20, 3]);

/** A model of a candidate's form with every number at random. */
function random(name: (typeof modelNames)[number], which: number, seed: number) {
  const candidates = candidatesOf(name, shape, "regression");
  const layer = fromConfig(candidates[which % candidates.length].config);
  const params = initialParams(layer, new Random(seed), uniformTensor(seed, [30, 3]));
  const noise = new Random(seed);
  for (const [path, { data }] of namedTensors(params)) {
    if (!path.includes("buffers")) for (let i = 0; i < data.length; i++) data[i] += 0.1 * noise.gaussian();
  }
  return { layer, params };
}

const says = ({ layer, params }: Share["model"]) => forward(layer, placeParams(params), x).data;

test("says the sum of what its parts say, each times its share, whatever they are", () => {
  const part = fc.record({
    name: fc.constantFrom(...modelNames),
    which: fc.integer({ min: 0, max: 5 }),
    seed: fc.integer({ min: 1, max: 99 }),
    share: fc.double({ min: 0.05, max: 1.2, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
      const shares = parts.map(({ name, which, seed, share }) => ({ model: random(name, which, seed), share }));
      const whole = combine(shares);
      const sum = new Float64Array(40);
      for (const { model, share } of shares) for (const [i, value] of says(model).entries()) sum[i] += share * value;
      expect(maxDifference(says(whole), sum)).toBeLessThan(1e-4 * (1 + Math.max(...sum.map(Math.abs))));
    }),
    { numRuns: 40 },
  );
});

test("mixtures alike, and a linear model beside them, are one mixture", () => {
  const [a, b, line] = [random("gmnm", 1, 1), random("gmnm", 2, 2), random("linear", 0, 3)];
  const { layer } = combine([
    { model: a, share: 0.4 },
    { model: b, share: 0.4 },
    { model: line, share: 0.2 },
  ]);
  expect(layer.config.type).toBe("gmnm");
  const counts = [a, b].map(({ layer: { config } }) => Number(config.numComponents));
  expect(layer.config.numComponents).toBe(counts[0] + counts[1]);
  expect(combine([{ model: line, share: 1 }]).layer.config.type).toBe("linear");
});

test("refuses to multiply what is not linear in its last parameters", () => {
  expect(() => scale({ layer: activation("relu"), params: {} }, 2)).toThrow("cannot be multiplied");
});
