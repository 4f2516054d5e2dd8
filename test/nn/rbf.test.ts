import { describe, expect, test } from "vitest";
import { gmnm } from "../../src/nn/gmnm.ts";
import { rbf } from "../../src/nn/rbf.ts";
import { readParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { uniformTensor } from "../forward.ts";
import { expectGolden, fixture } from "../golden.ts";

describe("values and gradients agree with the golden ones", () => {
  test.each(fixture("rbf"))("$name", expectGolden);
});

test.each([
  [2, "spaced with a sample of 2 features", uniformTensor(2, [60, 2]), "spaced"],
  [2, "spaced without one", undefined, "spaced"],
  [5, "at the k-means of a sample of 5 features", uniformTensor(2, [60, 5]), "kMeans"],
  [11, "at random without one", undefined, "random"],
] as const)("in %d features starts as an isotropic gmnm %s", (d, _, sample, initializer) => {
  const own = rbf(d, 1, { numComponents: 8, width: 0.7 }).init(new Random(1), sample);
  const options = { numComponents: 8, width: 0.7, covariance: "isotropic", skip: false, initializer } as const;
  expect(readParams(own)).toEqual(readParams(gmnm(d, 1, options).init(new Random(1), sample)));
});
