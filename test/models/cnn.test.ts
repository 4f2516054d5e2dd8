import { describe, expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { cnn } from "../../src/models/cnn.ts";
import { mlp } from "../../src/models/mlp.ts";
import { residualCnn } from "../../src/models/residual-cnn.ts";
import {
  flatten,
  gaussianMixtureActivation,
  gaussianMixtureConv2d,
  type LayerConfig,
  sequential,
} from "../../src/nn/index.ts";
import { adam } from "../../src/optim/adam.ts";
import { cosine } from "../../src/optim/schedules.ts";
import { countParameters } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { tensor } from "../../src/tensor.ts";
import { fit, initialParams } from "../../src/train/fit.ts";
import { crossEntropy } from "../../src/train/losses.ts";
import { accuracy } from "../../src/train/metrics.ts";
import { evaluate } from "../../src/train/predict.ts";
import { forward } from "../forward.ts";

const nonlinearities = {
  relu: "relu",
  activation: (channels: number) => gaussianMixtureActivation(channels, { numComponents: 4 }),
  convolution: { convolution: (ins: number, outs: number) => gaussianMixtureConv2d(ins, outs, { rank: 2 }) },
} as const;

/** Images of a bar across (class 0), down (1) or of noise alone (2), with their classes one-hot. */
function bars(rows: number, seed: number, size = 8) {
  const random = new Random(seed);
  const { data } = random.normal([rows, size, size, 1], 0.3);
  const classes = Array.from({ length: rows }, (_, i) => i % 3);
  for (const [i, kind] of classes.entries()) {
    const at = random.integer(size);
    for (let j = 0; j < size && kind < 2; j++)
      data[(i * size + (kind === 0 ? at : j)) * size + (kind === 0 ? j : at)] += 1;
  }
  const y = classes.flatMap((kind) => [0, 1, 2].map((k) => Number(k === kind)));
  return { x: tensor(data, [rows, size, size, 1]), y: tensor(y, [rows, 3]) };
}

const train = async (layer: ReturnType<typeof cnn>) => {
  const optimizer = adam({ learningRate: cosine(0.02) });
  const { model } = await fit(layer, bars(384, 1), {
    loss: crossEntropy,
    optimizer,
    batchSize: 64,
    epochs: 12,
    progress: false,
  });
  return evaluate(model, bars(300, 2), { metrics: { accuracy } });
};

describe.each([
  ["cnn", cnn],
  ["residualCnn", residualCnn],
])("%s", (name, model) => {
  test.each(Object.entries(nonlinearities))("learns to tell images apart with %s", async (_, nonlinearity) => {
    const found = await train(model(1, 3, { channels: [4, 8], nonlinearity }));
    expect(found.accuracy).toBeGreaterThan(0.9);
  });

  test("maps images to one logit per class, and halves them between blocks", () => {
    const layer = model(2, 5, { channels: [3, 4, 6], nonlinearity: "gelu" });
    expect(forward(layer, layer.init(new Random(1)), new Random(2).normal([2, 9, 8, 2])).shape).toEqual([2, 5]);
    const pools = (layer.config.layers as LayerConfig[]).filter(({ type }) => type === "maxPool2d");
    expect(pools).toHaveLength(2);
    const small = () => forward(layer, layer.init(new Random(1)), new Random(2).normal([2, 3, 3, 2]));
    expect(small).toThrow(/maxPool2d needs images of at least 2 by 2/);
  });

  test("refuses to be without channels", () => {
    expect(() => model(1, 3, { channels: [] })).toThrow(GmnmError);
    expect(() => model(1, 3, { channels: [] })).toThrow(new RegExp(`^gmnm: ${name} needs at least one`));
  });
});

test("cnn has the parameters of its convolutions, normalisations and the last map", () => {
  const kernels = 9 * (1 * 16 + 16 * 32 + 32 * 48);
  expect(countParameters(initialParams(cnn(1, 10), new Random(1)))).toBe(kernels + 2 * (16 + 32 + 48) + 48 * 10 + 10);
});

test("an mlp behind flatten classifies images, too", async () => {
  const found = await train(sequential(flatten(), ...[mlp([64, 32, 3], { nonlinearity: "relu" })]));
  expect(found.accuracy).toBeGreaterThan(0.6);
});
