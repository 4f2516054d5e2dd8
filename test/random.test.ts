import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Random } from "../src/random.ts";

const seeds = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const draw = (random: Random, n: number) => Array.from({ length: n }, () => random.uniform());
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;
const variance = (values: ArrayLike<number>) => {
  const middle = mean(values);
  return mean(Array.from(values, (value) => (value - middle) ** 2));
};
const correlation = (a: number[], b: number[]) => {
  const [p, q] = [mean(a), mean(b)];
  return mean(a.map((value, i) => (value - p) * (b[i] - q))) / Math.sqrt(variance(a) * variance(b));
};

test("the same seed gives the same numbers, another seed others", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      expect(draw(new Random(seed), 5)).toEqual(draw(new Random(seed), 5));
      expect(draw(new Random(seed), 5)).not.toEqual(draw(new Random(seed ^ 1), 5));
    }),
  );
});

test("the numbers themselves never change: saved seeds stay valid", () => {
  expect(draw(new Random(42), 3)).toEqual([0.3683366443495517, 0.12888765419952986, 0.30246017470245257]);
  expect([...new Random(42).permutation(8)]).toEqual([6, 1, 0, 2, 3, 4, 7, 5]);
});

// A generator begun from the bare seed gives 1, 2, 3 … all but the same first numbers.
test.each([0, 1, 5])(
  "number %d of the seeds 0 … 999 is uniform and uncorrelated with that of the next seed",
  (index) => {
    const numbers = Array.from({ length: 1000 }, (_, seed) => draw(new Random(seed), index + 1)[index]);
    expect(mean(numbers)).toBeCloseTo(0.5, 1);
    expect(variance(numbers)).toBeCloseTo(1 / 12, 2);
    expect(Math.abs(correlation(numbers, [...numbers.slice(1), numbers[0]]))).toBeLessThan(0.1);
    expect(new Set(numbers.map((value) => Math.floor(value * 50))).size).toBe(50);
  },
);

test.each([Number.NaN, Infinity, 0.5, 2 ** 40])("the seed %d gives a stream of its own, like every other", (seed) => {
  expect(Math.abs(new Random(seed).gaussian())).toBeLessThan(6);
});

describe("distributions", () => {
  test("uniform numbers lie in [low, high) with the mean and variance of that interval", () => {
    const random = new Random(1);
    const values = Array.from({ length: 20_000 }, () => random.uniform(-2, 4));
    expect(values.every((value) => value >= -2 && value < 4)).toBe(true);
    expect(mean(values)).toBeCloseTo(1, 1);
    expect(variance(values)).toBeGreaterThan(2.9);
    expect(variance(values)).toBeLessThan(3.1);
  });

  test("normal numbers have mean 0, the given standard deviation and normal tails", () => {
    const { data, shape } = new Random(2).normal([100, 200], 3);
    expect(shape).toEqual([100, 200]);
    expect(Math.abs(mean(data))).toBeLessThan(0.07);
    expect(Math.sqrt(variance(data))).toBeCloseTo(3, 1);
    const beyond = (sigmas: number) => data.filter((value) => Math.abs(value) > 3 * sigmas).length / data.length;
    expect(beyond(1)).toBeCloseTo(0.3173, 1);
    expect(beyond(2)).toBeCloseTo(0.0455, 2);
  });

  test("integers lie in [0, bound) and reach every number", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 12 }), (seed, bound) => {
        const random = new Random(seed);
        const seen = new Set(Array.from({ length: 400 }, () => random.integer(bound)));
        expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: bound }, (_, i) => i));
      }),
      { numRuns: 30 },
    );
  });
});

describe("state", () => {
  test("a stream goes on from a state as from where it was, with the second of a pair of Gaussian numbers", () => {
    const draws = fc.array(fc.constantFrom("uniform", "gaussian", "split"), { maxLength: 9 });
    const take = (random: Random, list: string[]) =>
      list.map((kind) =>
        kind === "uniform" ? random.uniform() : kind === "gaussian" ? random.gaussian() : random.split().uniform(),
      );
    fc.assert(
      fc.property(seeds, draws, draws, (seed, before, after) => {
        const random = new Random(seed);
        take(random, before);
        const state = JSON.parse(JSON.stringify(random.state));
        expect(take(Random.at(state), after)).toEqual(take(random, after));
      }),
    );
  });

  test.each([[[0, 0, 0, 0]], [[1, 2, 3]], [[1, 2, 3, 0.5]], [[1, 2, 3, 2 ** 31]], [[1, 2, 3, Number.NaN]]])(
    "%j is none",
    (words) => {
      expect(() => Random.at({ words })).toThrow(
        "gmnm: the state of random numbers is four 32-bit words, not all 0, got",
      );
    },
  );
});

describe("permutation", () => {
  test("holds every number once", () => {
    fc.assert(
      fc.property(seeds, fc.nat({ max: 60 }), (seed, n) => {
        expect([...new Random(seed).permutation(n)].sort((a, b) => a - b)).toEqual(
          Array.from({ length: n }, (_, i) => i),
        );
      }),
    );
  });

  test("puts every number at every place equally often", () => {
    const random = new Random(3);
    const counts = new Float64Array(16);
    for (let i = 0; i < 4000; i++) for (const [at, value] of random.permutation(4).entries()) counts[at * 4 + value]++;
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});

describe("split", () => {
  test("draws from a child leave the parent where it is", () => {
    const [a, b] = [new Random(4), new Random(4)];
    draw(a.split(), 100);
    b.split();
    expect(draw(a, 3)).toEqual(draw(b, 3));
  });

  test("children differ from their parent and from each other, without correlation", () => {
    const parent = new Random(5);
    const streams = [parent.split(), parent.split(), parent.split(), parent].map((random) => draw(random, 5000));
    for (let i = 0; i < 4; i++) {
      for (let j = 0; j < i; j++) expect(Math.abs(correlation(streams[i], streams[j]))).toBeLessThan(0.05);
    }
  });
});
