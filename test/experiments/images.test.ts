import { describe, expect, it } from "vitest";
import { holdOut, inEpochsOf, readTask, scaleOf, standardised, taskNames } from "../../experiments/images/data.ts";
import { deadShare } from "../../experiments/images/dead.ts";
import { confusion, imageGrid } from "../../experiments/images/draw.ts";
import { images } from "../../experiments/images/experiment.ts";
import { layerOf, models, SIZES } from "../../experiments/images/models.ts";
import type { Run, Trial } from "../../experiments/shared/experiment.ts";
import { findData } from "../../src/cli/data-folder.ts";
import { glyphImages } from "../../src/data/index.ts";
import { gaussianMixtureActivation, gmnm, sequential } from "../../src/nn/index.ts";
import { countParameters } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { tensor } from "../../src/tensor.ts";
import { initialParams } from "../../src/train/fit.ts";

const trial = (task: string, model: string, more: Partial<Trial> = {}): Trial => ({
  experiment: "images",
  task,
  model,
  size: task.endsWith("MLP") ? SIZES.MLP : SIZES.CNN,
  optimizer: "adamw",
  setting: { learningRate: 0.005, weightDecay: 0.05 },
  seed: 0,
  steps: 20,
  ...more,
});

describe("the models", () => {
  it.each(["MLP", "CNN"] as const)("for %s have their number of parameters within five per cent", (network) => {
    const grey = glyphImages({ count: 10 });
    const colour = { ...grey, height: 32, width: 32, channels: 3 };
    const size = SIZES[network];
    for (const train of network === "CNN" ? [grey, colour] : [grey]) {
      for (const name of Object.keys(models[network])) {
        const parameters = countParameters(initialParams(layerOf(network, name, train, size), new Random(0)));
        expect(Math.abs(parameters / size - 1), `${name}: ${parameters}`).toBeLessThanOrEqual(0.05 + 1e-9);
      }
    }
  });

  it("meet the tasks they are made for, at the size of their network", () => {
    const has = (task: string, model: string, size: number) => images.has!({ task, model, size, optimizer: "adamw" });
    expect(has("MNIST MLP", "FastKAN", SIZES.MLP)).toBe(true);
    expect(has("MNIST CNN", "FastKAN", SIZES.CNN)).toBe(false);
    expect(has("MNIST CNN", "ReLU", SIZES.MLP)).toBe(false);
    expect(has("MNIST CNN", "ReLU", 30000)).toBe(true);
  });
});

describe("the data", () => {
  it("are generated where there are no files", () => {
    expect(taskNames(undefined)).toEqual(["Glyphs MLP", "Glyphs CNN"]);
    expect(images.generated(undefined)).toBe(true);
    const { train, test } = readTask("Glyphs CNN", undefined);
    expect([train.count, test.count, train.height, train.channels]).toEqual([12000, 2000, 28, 1]);
  });

  it("for tuning are a part of the training images", () => {
    const { train, validation } = holdOut(glyphImages({ count: 600 }));
    expect([train.count, validation.count]).toEqual([500, 100]);
  });

  it("have mean 0 and variance 1, and come again only when all were drawn", () => {
    const made = glyphImages({ count: 50 });
    const whole = standardised(made, scaleOf(made));
    const { x } = whole.take(Array.from({ length: 50 }, (_, i) => i));
    const mean = x.data.reduce((sum, value) => sum + value, 0) / x.data.length;
    const square = x.data.reduce((sum, value) => sum + value ** 2, 0) / x.data.length;
    expect(Math.abs(mean)).toBeLessThan(0.05);
    expect(Math.abs(square - 1)).toBeLessThan(0.1);
    const drawn: number[] = [];
    const take = (rows: ArrayLike<number>) => {
      drawn.push(...Array.from(rows));
      return whole.take(rows);
    };
    const noting = { rows: 50, take };
    const epochs = inEpochsOf(20, noting, 1);
    const random = new Random(1);
    for (let i = 0; i < 5; i++) epochs.take(new Array(20).fill(0), random);
    expect([...drawn.slice(0, 50)].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(new Set(drawn.slice(50)).size).toBe(50);
    expect(drawn.slice(0, 50)).not.toEqual(drawn.slice(50));
  });

  const data = findData(undefined);
  const real = taskNames(data).includes("MNIST MLP");
  // The files are not part of the project; the title says so where they are missing.
  it.skipIf(!real)(`of MNIST are all there${real ? "" : " (skipped: no data files at hand)"}`, () => {
    const { train, test } = readTask("MNIST CNN", data);
    expect([train.count, test.count]).toEqual([60000, 10000]);
    const { mean, spread } = scaleOf(train);
    expect(mean).toBeCloseTo(0.1307, 2);
    expect(spread).toBeCloseTo(0.3081, 2);
  });
});

describe("a dead component", () => {
  it("is counted among those of mixtures and of activations", () => {
    const layer = sequential(gaussianMixtureActivation(1, { numComponents: 2 }), gmnm(1, 1, { numComponents: 2 }));
    const params = initialParams(layer, new Random(1)) as Record<string, ReturnType<typeof tensor>>[];
    params[0] = { ...params[0], centers: tensor([0, 90], [2, 1]), scales: tensor([1, 1], [2, 1]) };
    params[1] = { ...params[1], centers: tensor([0, 1e6], [2, 1]), projections: tensor([0.01, 0.01], [1, 1, 2]) };
    expect(deadShare({ layer, params }, tensor([0, 1], [2, 1]))).toBe(0.5);
    expect(
      deadShare(
        { layer: sequential(gaussianMixtureActivation(1, { numComponents: 2 })), params: [params[0]] },
        tensor([90], [1, 1]),
      ),
    ).toBe(0.5);
  });
});

describe("the figures", () => {
  it("of images are a rectangle for each run of one colour", () => {
    const svg = imageGrid(tensor([0, 0, 1, 1, 1, 1], [1, 2, 3, 1]), { title: "Two by three", columns: 1, pixel: 1 });
    expect(svg).toContain('fill="rgb(0,0,0)"');
    expect(svg).toContain("M0,30h2v1h-2z");
    expect(svg.match(/h3v1h-3z/g)).toHaveLength(1);
    const signed = imageGrid(tensor([-2, 0, 2, 1], [1, 2, 2, 1]), { title: "Signed", columns: 1, signed: true });
    for (const color of ["rgb(0,0,255)", "rgb(255,255,255)", "rgb(255,0,0)"]) expect(signed).toContain(color);
  });

  it("of mistakes hold every count above 0", () => {
    const svg = confusion(
      [
        [5, 0],
        [3, 7],
      ],
      ["cat", "dog"],
      "Pets",
    );
    for (const text of [">5<", ">3<", ">7<", ">cat<", ">dog<"]) expect(svg).toContain(text);
    expect(svg).not.toContain(">0<");
  });
});

describe("a short run on generated digits", () => {
  it("learns something, measures it, and is drawn", async () => {
    const runs: Run[] = [];
    for (const [task, model, steps] of [
      ["Glyphs MLP", "GMNM, rank 2", 120],
      ["Glyphs MLP", "GMNM activation", 120],
      ["Glyphs CNN", "GMNM", 16],
    ] as const) {
      const one = trial(task, model, { steps });
      runs.push({ trial: one, outcome: await images.run(one) });
    }
    for (const { trial, outcome } of runs) {
      expect(outcome.test, `${trial.model} on ${trial.task}`).toBeLessThan(trial.steps > 100 ? 50 : 85);
      expect(outcome.measures!["test negative log likelihood"]).toBeLessThan(2.5);
      expect(outcome.curve.y.at(-1)!).toBeLessThan(outcome.curve.y[0]);
      expect(outcome.measures!["dead components, %"]).toBeLessThan(50);
    }
    const plan = { ...images.plan("quick", undefined), tasks: ["Glyphs MLP", "Glyphs CNN"] };
    const sections = await images.figures(runs, plan);
    expect(sections.map(({ heading }) => heading)).toEqual(plan.tasks);
    // Images, losses, mistakes and kernels; activations where some were learnt.
    expect(sections.map(({ figures }) => figures!.length)).toEqual([5, 4]);
    const diverged = runs.map(({ trial, outcome }) => ({
      trial,
      outcome: { ...outcome, test: Number.NaN, params: [] },
    }));
    expect(await images.figures(diverged, plan)).toEqual([]);
  }, 120_000);

  it("chooses a setting by images that it was not trained on, and leaves the test images alone", async () => {
    const { validation, test } = await images.run(trial("Glyphs MLP", "ReLU", { purpose: "tuning" }));
    expect(validation).toBeGreaterThan(0);
    expect(test).toBeNaN();
    const timed = await images.run(trial("Glyphs MLP", "ReLU", { purpose: "timing", steps: 16 }));
    expect(timed.msPerStep).toBeGreaterThan(0);
    expect(timed.test).toBeNaN();
  });
});
