import { beforeAll, describe, expect, test } from "vitest";
import { linearMaps, tryMixture } from "../../../src/auto/forecast/choose-mixture.ts";
import {
  corrections,
  lagsBefore,
  type MixtureChoice,
  meanMixture,
  type Residuals,
  trainMixture,
} from "../../../src/auto/forecast/mixture.ts";
import { rollingFolds } from "../../../src/auto/forecast/rolling.ts";
import { evaluateForecast, type ForecastFit } from "../../../src/auto/forecast.ts";
import { memoryStore, type Store } from "../../../src/auto/store.ts";
import { decodeModel } from "../../../src/io/model-file.ts";
import { toOnnx } from "../../../src/io/onnx-export.ts";
import { Random } from "../../../src/random.ts";
import { predict } from "../../../src/train/index.ts";
import { runOnnx, startWeb } from "../../run-onnx.ts";
import { bytesOf, chaotic, fitChaotic } from "./examples.ts";

describe("a fit with a mixture", () => {
  let fitted: ForecastFit;
  beforeAll(async () => {
    fitted = await fitChaotic();
  });

  test("keeps it where nothing linear helps", async () => {
    const { mixture, targets } = fitted.validation;
    expect(mixture).toBeDefined();
    expect(targets[0].model.rmse).toBeLessThan(0.5 * targets[0].naive.rmse);
    const onWhole = await evaluateForecast(fitted.model, fitted.preprocessing, chaotic(300), { from: 200 });
    expect(onWhole.rmse).toBeLessThan(0.5 * onWhole.targets[0].naive.rmse);
  });

  test("is the same model, byte for byte, from the same plan and seed, and another from another seed", async () => {
    expect(bytesOf(await fitChaotic())).toEqual(bytesOf(fitted));
    expect(bytesOf(await fitChaotic({ seed: 4 }))).not.toEqual(bytesOf(fitted));
  });

  test("goes on from its store after being cut off anywhere, to the same bytes", async () => {
    const store = memoryStore();
    let puts = 0;
    for (const cut of [1, 4, 9, Number.POSITIVE_INFINITY]) {
      const failing: Store = {
        ...store,
        put: async (key, bytes) => {
          if (puts === cut) throw new Error("cut off");
          puts++;
          await store.put(key, bytes);
        },
      };
      const result = await fitChaotic({ store: failing }).catch((error: Error) => error.message);
      if (result === "cut off") continue;
      expect(bytesOf(result as ForecastFit)).toEqual(bytesOf(fitted));
      expect(cut).toBe(Number.POSITIVE_INFINITY);
    }
  });

  test("is one model of registered layers, the same from safetensors and as ONNX", async () => {
    const x = new Random(5).normal([3, 4, 2]);
    const here = await predict(fitted.model, x);
    expect(here.shape).toEqual([3, 2, 1]);
    const again = await predict(decodeModel(bytesOf(fitted)), x);
    expect(again.data).toEqual(here.data);
    const [onnx] = await runOnnx(await startWeb(), await toOnnx(fitted.model, { example: x }), [x]);
    for (let i = 0; i < here.data.length; i++) expect(onnx.data[i]).toBeCloseTo(here.data[i], 4);
  });
});

test("no mixture sees what lies behind its fold", async () => {
  const values = Float64Array.from(new Random(6).normal([150]).data);
  const setting = { lookback: 6, horizon: 2, seasons: [], ridges: [0.1], iterated: true };
  const [fold] = rollingFolds(150, setting, 1);
  const changed = values.map((value, t) => (t < fold.rows ? value : 10 - value));
  const choice: MixtureChoice = { lags: 4, relative: false, numComponents: 4 };
  const seen: Residuals[] = [];
  const params = await trainMixture(
    choice,
    { x: lagsBefore([values], [10, 11], choice), y: new Random(1).normal([2, 2]) },
    { steps: 1, seed: 0, scales: { x: 1, y: 1 } },
  );
  for (const column of [values, changed]) {
    const maps = linearMaps([column], fold.rows, [[["regression 0.1", 1]]], setting);
    const train = async (residuals: Residuals) => {
      seen.push(residuals);
      return params;
    };
    await tryMixture(choice, [column], [fold], [maps], setting, { train });
  }
  expect(seen[1]).toEqual(seen[0]);
});

test("merged mixtures forecast the mean of what each forecasts, times the factor", async () => {
  const choice: MixtureChoice = { lags: 6, relative: true, numComponents: 5 };
  const values = Float64Array.from(new Random(7).normal([60]).data);
  const residuals = {
    x: lagsBefore(
      [values],
      Uint32Array.from({ length: 40 }, (_, i) => 10 + i),
      choice,
    ),
    y: new Random(8).normal([40, 3]),
  };
  const members = await Promise.all(
    [1, 2, 3].map((seed) => trainMixture(choice, residuals, { steps: 20, seed, scales: { x: 2, y: 3 } })),
  );
  const each = await Promise.all(members.map((params) => corrections(choice, params, residuals.x, 3)));
  const merged = await predict(meanMixture(choice, members, 0.5, 3), residuals.x);
  for (let i = 0; i < merged.data.length; i++)
    expect(merged.data[i]).toBeCloseTo((0.5 * (each[0].data[i] + each[1].data[i] + each[2].data[i])) / 3, 4);
});
