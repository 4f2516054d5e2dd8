import { describe, expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { cubicBSplines, kan } from "../../src/nn/kan.ts";
import { disposeParams, placeParams, readParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, tensor, toArray, toTensor } from "../../src/tensor.ts";
import { forward, maxDifference, uniformTensor } from "../forward.ts";
import { type Block, expectGolden, fixture, type LayerCase, toFloat32 } from "../golden.ts";
import { relativeError } from "../gradients.ts";
import { liveBuffers } from "../live-buffers.ts";

const cases = fixture<(LayerCase & { basis: Block })[]>("kan");

describe.each(cases)("$name", (golden) => {
  test("values and gradients agree with the golden ones", () => expectGolden(golden));

  test("the basis agrees with SciPy's splines", () => {
    const [x, grid] = [toArray(toFloat32(golden.x)), toArray(toFloat32(golden.params["buffers.grid"]))];
    const basis = toTensor(cubicBSplines(x, grid, golden.config.gridSize as number));
    expect(basis.shape).toEqual(golden.basis.shape);
    expect(relativeError(basis.data, golden.basis.data)).toBeLessThan(1e-6);
  });
});

test("the splines sum to 1 on the grid and to 0 far from it", () => {
  const basis = toTensor(
    cubicBSplines(toArray(tensor([-1, -0.3, 0.5, 1, 9, -9], [6, 1])), toArray(tensor([-1, 1], [2, 1])), 5),
  );
  const sums = Array.from({ length: 6 }, (_, i) => basis.data.slice(8 * i, 8 * i + 8).reduce((a, b) => a + b, 0));
  expect(maxDifference(sums, [1, 1, 1, 1, 0, 0])).toBeLessThan(1e-6);
});

describe("the grid", () => {
  test("starts as the domain without a sample, and as the sample's box with one", () => {
    const layer = kan(2, 1, { domain: [-3, 2] });
    const gridOf = (sample?: Tensor) => {
      const params = layer.init(new Random(1), sample);
      const { data } = toTensor(params.buffers.grid.ref);
      disposeParams(params);
      return [...data];
    };
    expect(gridOf()).toEqual([-3, -3, 2, 2]);
    expect(gridOf(tensor([0, 5, 1, 8, 0.5, 6], [3, 2]))).toEqual([0, 5, 1, 8]);
  });
});

describe("adapt", () => {
  const layer = kan(2, 3, { gridSize: 8 });
  /** Values before and after adapting to a sample, and the grid after. */
  function adapted(sample: Tensor) {
    const params = readParams(layer.init(new Random(2)));
    const before = forward(layer, placeParams(params), sample);
    const changed = layer.adapt!(placeParams(params) as ReturnType<typeof layer.init>, sample);
    const grid = [...toTensor(changed.buffers.grid.ref).data];
    return { difference: relativeError(forward(layer, changed, sample).data, before.data), grid };
  }

  test("covers the sample", () => {
    expect(adapted(tensor([-0.5, 0.75, 0.25, 4, 0, 1], [3, 2])).grid).toEqual([-0.5, 0.75, 0.25, 4]);
  });

  test("leaves the function what it was when the grid stays", () => {
    const { data } = uniformTensor(4, [200, 2]);
    data.set([-1, -1, 1, 1]);
    expect(adapted(tensor(data, [200, 2])).difference).toBeLessThan(1e-4);
  });

  test.each([0.9, 0.5])("changes values on the sample by less than 2 % on a grid of %d times the length", (share) => {
    expect(adapted(uniformTensor(4, [200, 2], -share, share)).difference).toBeLessThan(0.02);
  });

  test("copes with fewer rows than splines, and with a constant feature", () => {
    expect(adapted(tensor([0.1, 0.5, 0.2, 0.5], [2, 2])).difference).toBeLessThan(1e-3);
  });

  test("consumes its parameters and leaves nothing behind", () => {
    const before = liveBuffers();
    disposeParams(layer.adapt!(layer.init(new Random(2)), uniformTensor(4, [20, 2])));
    expect(liveBuffers()).toBe(before);
  });

  test("refuses a sample of the wrong width", () => {
    const params = layer.init(new Random(2));
    expect(() => layer.adapt!(params, uniformTensor(4, [20, 3]))).toThrow(GmnmError);
    disposeParams(params);
  });
});
