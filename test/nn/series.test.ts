// The layers that forecasters are put together from.
import { expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import {
  type AnyLayer,
  aroundLastValue,
  globalAvgPool1d,
  gmnm,
  kan,
  linear,
  mixtureOverTime,
  overTime,
  patchTokens,
  positions,
  sequential,
  unflatten,
} from "../../src/nn/index.ts";
import { namedTensors, placeParams, readParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, tensor, zeros } from "../../src/tensor.ts";
import { forward, maxDifference } from "../forward.ts";

const refusal = (layer: AnyLayer, shape: number[]) => () => forward(layer, layer.init(new Random(1)), zeros(shape));

test("patchTokens takes patches row by row, pixels of each row by row", () => {
  const image = tensor(
    Array.from({ length: 24 }, (_, i) => i),
    [1, 4, 6, 1],
  );
  const { data, shape } = forward(patchTokens(2), {}, image);
  expect(shape).toEqual([1, 6, 4]);
  expect([...data.slice(0, 8)]).toEqual([0, 1, 6, 7, 2, 3, 8, 9]);
  expect([...data.slice(-4)]).toEqual([16, 17, 22, 23]);
  const series = tensor([1, 10, 2, 20, 3, 30, 4, 40], [1, 4, 2]);
  expect(forward(patchTokens(2), {}, series)).toEqual(tensor([1, 10, 2, 20, 3, 30, 4, 40], [1, 2, 4]));
});

test("patchTokens refuses what its patches do not fill, and what is neither image nor series", () => {
  const said = "patchTokens of size 3 do not fill x of shape (1, 6, 4, 1)";
  expect(refusal(patchTokens(3), [1, 6, 4, 1])).toThrow(new GmnmError(said));
  expect(refusal(patchTokens(2), [2, 4])).toThrow(
    "patchTokens expected x of shape (batch, height, width, channels) or (batch, time, channels), got (2, 4)",
  );
});

test("positions adds one vector to each token, the same in every example", () => {
  const embedding = tensor([1, 2, 3, 4], [2, 2]);
  const y = forward(positions(2, 2), placeParams({ embedding }), tensor([10, 20, 30, 40, 0, 0, 0, 0], [2, 2, 2]));
  expect([...y.data]).toEqual([11, 22, 33, 44, 1, 2, 3, 4]);
});

test("globalAvgPool1d takes the mean over the tokens", () => {
  expect(forward(globalAvgPool1d(), {}, tensor([1, 2, 3, 6], [1, 2, 2]))).toEqual(tensor([2, 4], [1, 2]));
});

test("unflatten folds the last axis by rows, and refuses one that does not fold", () => {
  const y = forward(unflatten([2, 3]), {}, tensor([1, 2, 3, 4, 5, 6], [1, 6]));
  expect(y).toEqual(tensor([1, 2, 3, 4, 5, 6], [1, 2, 3]));
  expect(refusal(unflatten([2, 3]), [1, 5])).toThrow("unflatten expected x of shape (batch, 6), got (1, 5)");
  expect(() => unflatten([])).toThrow("shape of unflatten must be at least one number");
});

const relative = { sample: [20, 12, 2] as const };

test("overTime maps each column's past by the same layer, without a look at the others", () => {
  const layer = overTime(linear(4, 2));
  const params = readParams(layer.init(new Random(1)));
  const x = new Random(2).normal([3, 4, 2]);
  const column = (c: number) =>
    tensor(
      x.data.filter((_, i) => i % 2 === c),
      [3, 4, 1],
    );
  const both = forward(layer, placeParams(params), x);
  for (const c of [0, 1]) {
    const own = forward(layer, placeParams(params), column(c));
    expect(
      maxDifference(
        both.data.filter((_, i) => i % 2 === c),
        own.data,
      ),
    ).toBeLessThan(1e-6);
  }
});

test("overTime starts its layer from pasts, and adapts it to them", () => {
  const sample = tensor(
    new Random(1).normal(relative.sample).data.map((value) => value + 50),
    relative.sample,
  );
  const centers = new Map(
    namedTensors(readParams(overTime(gmnm(12, 1, { numComponents: 4 })).init(new Random(1), sample))),
  );
  expect(centers.get("centers")!.shape).toEqual([4, 12]);
  expect(Math.min(...centers.get("centers")!.data)).toBeGreaterThan(45);
  const spline = overTime(kan(12, 1, { gridSize: 3 }));
  const adapted = spline.adapt!(spline.init(new Random(1)), sample);
  expect(Math.min(...new Map(namedTensors(readParams(adapted))).get("buffers.grid")!.data)).toBeGreaterThan(40);
  expect(overTime(linear(2, 1)).adapt).toBeUndefined();
});

test("a level added to a series is added to what aroundLastValue forecasts, and nothing else changes", () => {
  const forecaster = aroundLastValue(overTime(gmnm(12, 5, { numComponents: 4, covariance: "lowRank" })));
  const params = readParams(forecaster.init(new Random(1)));
  const x = new Random(2).normal([3, 12, 2]);
  const shifted = tensor(
    x.data.map((value, i) => value + (i % 2 ? 1000 : 0)),
    x.shape,
  );
  const [plain, moved] = [x, shifted].map((input) => forward(forecaster, placeParams(params), input).data);
  expect(
    maxDifference(
      moved.map((value, i) => value - (i % 2 ? 1000 : 0)),
      plain,
    ),
  ).toBeLessThan(1e-3);
});

test("aroundLastValue starts its layer from pasts relative to their last values", () => {
  const sample = tensor(
    new Random(1).normal(relative.sample).data.map((value) => value + 1e4),
    relative.sample,
  );
  const params = aroundLastValue(overTime(gmnm(12, 1, { numComponents: 4 }))).init(new Random(1), sample);
  const centers = new Map(namedTensors(readParams(params))).get("centers")!;
  expect(Math.max(...centers.data.map(Math.abs))).toBeLessThan(8);
});

test("combinators refuse layers that do not forecast", () => {
  expect(refusal(aroundLastValue(globalAvgPool1d()), [3, 4, 2])).toThrow(
    "aroundLastValue expected its layer to give (3, horizon, 2), got (3, 2)",
  );
  const folding = overTime(sequential(linear(4, 6), unflatten([2, 3])));
  expect(refusal(folding, [3, 4, 2])).toThrow("overTime expected its layer to give (batch, columns, horizon), got");
});

test("mixtureOverTime adds to the last state what its windows see of all states, feature by feature", () => {
  const [rows, time, features] = [2, 12, 3];
  const layer = mixtureOverTime(features, { numComponents: 4, width: 0.8 });
  const params = readParams(layer.init(new Random(3)));
  const { centers, scales, weights } = params as Record<string, Tensor>;
  // Moved away from where they start, so that no two are alike.
  centers.data.set([0.3, 1.9, 2.2, 3.4]);
  scales.data.set([0.5, 2, 1, 3]);
  const x = new Random(4).normal([rows, time, features]);
  const at = (row: number, t: number, j: number) => x.data[(row * time + t) * features + j];
  const expected = Array.from({ length: rows * features }, (_, i) => {
    const [row, j] = [Math.floor(i / features), i % features];
    let y = at(row, time - 1, j);
    for (let t = 0; t < time; t++) {
      for (let k = 0; k < 4; k++) {
        const z = scales.data[k] * ((4 * (t + 0.5)) / time - centers.data[k]);
        y += weights.data[k * features + j] * Math.exp(-0.5 * z * z) * at(row, t, j);
      }
    }
    return y;
  });
  const { data, shape } = forward(layer, placeParams(params), x);
  expect(shape).toEqual([rows, features]);
  expect(maxDifference(data, expected)).toBeLessThan(1e-5);
});
