import { describe, expect, test } from "vitest";
import { generatedSeries } from "../../src/data/generated-series.ts";
import { glyphImages } from "../../src/data/glyphs.ts";
import { imageDataset } from "../../src/data/images.ts";
import { sevenOneTwo, splitSeries } from "../../src/data/series-splits.ts";
import { flatten } from "../../src/nn/flatten.ts";
import { linear } from "../../src/nn/linear.ts";
import { sequential } from "../../src/nn/sequential.ts";
import { adam } from "../../src/optim/adam.ts";
import { cosine } from "../../src/optim/schedules.ts";
import { fit } from "../../src/train/fit.ts";
import { crossEntropy } from "../../src/train/losses.ts";
import { accuracy } from "../../src/train/metrics.ts";
import { evaluate } from "../../src/train/predict.ts";

describe("glyphs", () => {
  test("are the same for a seed, and as many of each digit as of any other", () => {
    const images = glyphImages({ count: 100, seed: 5 });
    expect(images).toEqual(glyphImages({ count: 100, seed: 5 }));
    expect(images.pixels).not.toEqual(glyphImages({ count: 100, seed: 6 }).pixels);
    expect(images).toMatchObject({ count: 100, height: 28, width: 28, channels: 1 });
    for (let digit = 0; digit < 10; digit++) expect(images.labels.filter((label) => label === digit)).toHaveLength(10);
  });

  test("are whole: their ink keeps off the border, at any size", () => {
    for (const size of [14, 28, 40]) {
      const { pixels } = glyphImages({ count: 400, size, noise: 0 });
      let [border, ink] = [0, 0];
      pixels.forEach((value, i) => {
        const [row, column] = [Math.floor(i / size) % size, i % size];
        ink += value;
        if (row === 0 || column === 0 || row === size - 1 || column === size - 1) border += value;
      });
      const share = ink / (255 * pixels.length);
      expect(share).toBeGreaterThan(0.05);
      expect(share).toBeLessThan(0.25);
      expect(border / ink).toBeLessThan(0.01);
    }
  });

  test("can be told apart, but not by a linear model alone", async () => {
    const layer = sequential(flatten(), linear(784, 10));
    const optimizer = adam({ learningRate: cosine(0.003) });
    const train = imageDataset(glyphImages({ count: 3000, seed: 1 }));
    const { model } = await fit(layer, train, { loss: crossEntropy, optimizer, epochs: 4, progress: false });
    const unseen = imageDataset(glyphImages({ count: 1000, seed: 2 }));
    const scores = await evaluate(model, unseen, { metrics: { accuracy } });
    expect(scores.accuracy).toBeGreaterThan(0.55);
    expect(scores.accuracy).toBeLessThan(0.9);
  });

  test.each([
    [{ count: 0 }, "count of glyphImages must be a whole number of at least 1, got 0"],
    [{ count: 5, noise: -1 }, "noise of glyphImages must be a number in [0, 1), got -1"],
  ])("%j is refused", (options, sentence) => {
    expect(() => glyphImages(options)).toThrow(`gmnm: ${sentence}`);
  });
});

describe("generated series", () => {
  const series = generatedSeries({ rows: 3000, columns: 3, seed: 4 });
  const columnOf = (j: number) => Array.from({ length: 3000 }, (_, i) => series.values[i * 3 + j]);

  test("are the same for a seed, with hours as dates", () => {
    expect(series).toEqual(generatedSeries({ rows: 3000, columns: 3, seed: 4 }));
    expect(series.values).not.toEqual(generatedSeries({ rows: 3000, columns: 3, seed: 5 }).values);
    expect(series.columns).toEqual(["generated 1", "generated 2", "generated 3"]);
    expect([series.dates[0], series.dates[25]]).toEqual(["2016-07-01 00:00:00", "2016-07-02 01:00:00"]);
    expect(series.values.every(Number.isFinite)).toBe(true);
  });

  test("have a day in them, and more than a day: tomorrow is alike, and not the same", () => {
    for (let j = 0; j < 3; j++) {
      const values = columnOf(j);
      const mean = values.reduce((sum, value) => sum + value, 0) / 3000;
      const correlation = (lag: number) => {
        let [together, alone] = [0, 0];
        for (let i = lag; i < 3000; i++) {
          together += (values[i] - mean) * (values[i - lag] - mean);
          alone += (values[i] - mean) ** 2;
        }
        return together / alone;
      };
      expect(correlation(24)).toBeGreaterThan(correlation(12) + 0.1);
      expect(correlation(24)).toBeLessThan(0.97);
    }
  });

  test("are another mix in each column, and go through the splits", () => {
    expect(columnOf(0)).not.toEqual(columnOf(1));
    const { test } = splitSeries(series, sevenOneTwo(3000), { lookback: 48 });
    expect(test.dates).toHaveLength(648);
  });
});
