import { describe, expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { activation, activationNames } from "../../src/nn/elementwise.ts";
import { tensor } from "../../src/tensor.ts";
import { expectGolden, fixture } from "../golden.ts";
import { compiledGradients } from "../gradients.ts";

describe("values and gradients agree with the golden ones", () => {
  test.each(fixture("elementwise"))("$name", expectGolden);
});

// The sigmoid of jax-js has a NaN gradient below −88.
test.each(activationNames)("%s has finite values and gradients at large inputs", async (name) => {
  const x = tensor([-1e10, -1000, -100, -89, -80, 80, 89, 100, 1000, 1e10], [10]);
  const cotangent = tensor(new Float32Array(10).fill(1), [10]);
  const { y, gradients } = await compiledGradients({ layer: activation(name), params: {}, x, cotangent });
  expect(y.data.every(Number.isFinite)).toBe(true);
  expect(Array.from(gradients.get("x")!).every(Number.isFinite)).toBe(true);
});

test.each(["swish", "", "toString", "__proto__", ["relu"], { toString: 1 }, undefined, null])(
  "refuses %o for a name",
  (name) => {
    expect(() => activation(name as never)).toThrow(GmnmError);
    expect(() => activation(name as never)).toThrow("name of activation must be");
  },
);
