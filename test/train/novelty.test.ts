import { describe, expect, it } from "vitest";
import { gmnm, linear, sequential } from "../../src/nn/index.ts";
import { Random } from "../../src/random.ts";
import { tensor } from "../../src/tensor.ts";
import { initialParams } from "../../src/train/fit.ts";
import { knowsNovelty, novelty } from "../../src/train/index.ts";

const modelOf = (layer: Parameters<typeof initialParams>[0]) => ({
  layer,
  params: initialParams(layer, new Random(1)),
});

describe("novelty", () => {
  it("is the distance to the nearest Gaussian in its own widths", () => {
    const layer = gmnm(2, 1, { numComponents: 2, covariance: "diagonal" });
    const params = {
      centers: tensor([0, 0, 10, 0], [2, 2]), // (components, features)
      projections: tensor([1, 0.5, 2, 1], [2, 2]), // (features, components)
      weights: tensor([1, 1], [2, 1]),
      bias: tensor([0], [1]),
    };
    const x = tensor([0, 0, 3, 2, 8, 0, 10, 5], [4, 2]);
    // (3, 2): to the first √(3² + 4²) = 5, to the second √(3.5² + 2²).
    expect([...novelty({ layer, params }, x)]).toEqual([0, Math.sqrt(3.5 ** 2 + 2 ** 2), 1, 5]);
  });

  it("tells rows apart that are so far out that every Gaussian is 0 there", () => {
    const model = modelOf(gmnm(1, 1, { numComponents: 8 }));
    const [near, far, farther] = novelty(model, tensor([0, 1e6, 2e6], [3, 1]));
    expect(near).toBeLessThan(2);
    expect(far).toBeGreaterThan(1e5);
    expect(farther).toBeGreaterThan(1.9 * far);
  });

  it("looks at the first layer of a sequence, and has nothing to say where that is no mixture", () => {
    const first = modelOf(sequential(gmnm(2, 3), linear(3, 1)));
    expect(knowsNovelty(first)).toBe(true);
    const second = modelOf(sequential(linear(2, 3), gmnm(3, 1)));
    expect(knowsNovelty(second)).toBe(false);
    expect(() => novelty(second, tensor([0, 0], [1, 2]))).toThrow(
      "novelty needs a mixture that sees the features; a model of type sequential has none",
    );
    expect(() => novelty(first, tensor([0, 0, 0], [1, 3]))).toThrow(
      "novelty expected x of shape (rows, 2), got (1, 3)",
    );
  });
});
