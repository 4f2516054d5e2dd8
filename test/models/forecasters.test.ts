import { describe, expect, test } from "vitest";
import { dlinear, gmnmForecaster, lstmForecaster, nlinear } from "../../src/models/index.ts";
import { type AnyLayer, gmnm, gmnmLstm, type LayerConfig, mixtureOverTime } from "../../src/nn/index.ts";
import { countParameters, placeParams, readParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { tensor } from "../../src/tensor.ts";
import { fit, meanSquaredError, predict } from "../../src/train/index.ts";
import { forward, maxDifference } from "../forward.ts";

const x = new Random(2).normal([3, 24, 2]);
const sizeOf = (layer: AnyLayer) => countParameters(readParams(layer.init(new Random(1))));
const typesIn = (config: LayerConfig): string[] => [
  config.type,
  ...[config.layer, ...((config.layers as LayerConfig[]) ?? [])]
    .filter((inner): inner is LayerConfig => inner !== undefined)
    .flatMap(typesIn),
];

const forecasters: [string, AnyLayer][] = [
  ["nlinear", nlinear(24, 5)],
  ["dlinear", dlinear(24, 5)],
  ["gmnmForecaster", gmnmForecaster(24, 5, { numComponents: 4 })],
  ["lstmForecaster", lstmForecaster(2, 5, { hiddenSize: 8 })],
  ["a mixture in the cell", lstmForecaster(2, 5, { hiddenSize: 8, cell: gmnmLstm })],
  [
    "a mixture in between",
    lstmForecaster(2, 5, { hiddenSize: 8, between: (features) => gmnm(features, features, { numComponents: 4 }) }),
  ],
  ["a mixture as the head", lstmForecaster(2, 5, { hiddenSize: 8, head: gmnm })],
  ["a mixture over time", lstmForecaster(2, 5, { hiddenSize: 8, over: mixtureOverTime })],
  [
    "mixtures over time and in the cell",
    lstmForecaster(2, 5, { hiddenSize: 8, cell: gmnmLstm, over: mixtureOverTime }),
  ],
];

describe.each(forecasters)("%s", (name, layer) => {
  test("maps (batch, lookback, columns) to (batch, horizon, columns)", () => {
    expect(forward(layer, layer.init(new Random(1)), x).shape).toEqual([3, 5, 2]);
  });

  // DLinear sees levels as they are.
  const followsLevels = name !== "dlinear";
  test(`a level in the past ${followsLevels ? "is kept in the forecast" : "changes the forecast as its weights say"}`, () => {
    const params = readParams(layer.init(new Random(1), x));
    const shifted = tensor(
      x.data.map((value) => value + 100),
      x.shape,
    );
    const [plain, moved] = [x, shifted].map((input) => forward(layer, placeParams(params), input).data);
    const miss = maxDifference(
      moved.map((value) => value - 100),
      plain,
    );
    if (followsLevels) expect(miss).toBeLessThan(1e-3);
    else expect(miss).toBeGreaterThan(1);
  });
});

test("layers that are given stand where they should", () => {
  const types = (layer: AnyLayer) => typesIn(layer.config);
  expect(types(forecasters[4][1])).toEqual(["aroundLastValue", "sequential", "gmnmLstm", "linear", "unflatten"]);
  expect(types(forecasters[5][1])).toEqual([
    "aroundLastValue",
    "sequential",
    "lstm",
    "residual",
    "gmnm",
    "linear",
    "unflatten",
  ]);
  expect(types(forecasters[6][1])).toEqual(["aroundLastValue", "sequential", "lstm", "gmnm", "unflatten"]);
  const overTime = ["mixtureOverTime", "linear", "unflatten"];
  expect(types(forecasters[7][1])).toEqual(["aroundLastValue", "sequential", "lstm", ...overTime]);
  expect(types(forecasters[8][1])).toEqual(["aroundLastValue", "sequential", "gmnmLstm", ...overTime]);
});

test("NLinear has one matrix for all columns, DLinear two", () => {
  expect(sizeOf(nlinear(24, 5))).toBe(24 * 5 + 5);
  expect(sizeOf(dlinear(24, 5))).toBe(2 * (24 * 5 + 5));
});

test("the GMNM forecaster learns what a linear one cannot", async () => {
  // The future is the square of the past's first value: a wave of either sign has the same one.
  const random = new Random(6);
  const pasts = Array.from({ length: 400 }, () => {
    const size = random.uniform(-1.5, 1.5);
    return Array.from({ length: 8 }, (_, t) => size * (1 - t / 7) + 0.02 * random.gaussian());
  });
  const examples = {
    x: tensor(pasts.flat(), [400, 8, 1]),
    y: tensor(
      pasts.map((past) => past[7] + past[0] ** 2),
      [400, 1, 1],
    ),
  };
  const errorOf = async (layer: AnyLayer) => {
    const { model } = await fit(layer, examples, { epochs: 150, progress: false, executor: "wasm" });
    return meanSquaredError(await predict(model, examples.x), examples.y);
  };
  const [linear, mixture] = [await errorOf(nlinear(8, 1)), await errorOf(gmnmForecaster(8, 1, { numComponents: 8 }))];
  expect(linear).toBeGreaterThan(0.2);
  expect(mixture).toBeLessThan(0.1 * linear);
});
