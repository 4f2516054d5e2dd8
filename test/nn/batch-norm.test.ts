import type { numpy as np } from "@jax-js/jax";
import { describe, expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { batchNorm, type LayerConfig, type Params } from "../../src/nn/index.ts";
import { fromConfig } from "../../src/nn/registry.ts";
import { adam } from "../../src/optim/adam.ts";
import { fillParams, namedTensors, type ParamTensors, placeParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, tensor, toArray, toTensor } from "../../src/tensor.ts";
import { compileTraining } from "../../src/train/compile-training.ts";
import { initialParams } from "../../src/train/fit.ts";
import { hasNative } from "../compile/native.ts";
import { type Block, expectGolden, fixture, type LayerCase, toFloat32 } from "../golden.ts";
import { compiledGradients, relativeError } from "../gradients.ts";

type Golden = {
  name: string;
  config: LayerConfig;
  steps: Record<"x" | "y" | "mean" | "variance", Block>[];
  predicting: LayerCase;
  training: LayerCase;
};

const executors = hasNative ? (["wasm", "native"] as const) : (["wasm"] as const);
const paramsOf = (layer: ReturnType<typeof fromConfig>, given: Record<string, Tensor>): ParamTensors => {
  const start = initialParams(layer, new Random(1));
  return fillParams(start, new Map([...namedTensors(start), ...Object.entries(given)]));
};
const of = (params: ParamTensors, path: string): Tensor => new Map(namedTensors(params)).get(path)!;

describe.each(fixture<Golden[]>("batch-norm"))("$name, as PyTorch's", ({ config, steps, predicting, training }) => {
  const layer = fromConfig(config);
  const given = Object.fromEntries(Object.entries(training.params).map(([path, block]) => [path, toFloat32(block)]));
  const { "buffers.mean": _, "buffers.variance": __, ...trained } = given;

  test("values and gradients while predicting", () => expectGolden(predicting));

  test("values and gradients while training", async () => {
    const [x, cotangent] = [toFloat32(training.x), toFloat32(training.cotangent)];
    const point = { layer, params: paramsOf(layer, given), x, cotangent, context: { training: true } };
    const { y, gradients } = await compiledGradients(point);
    expect(relativeError(y.data, training.y.data)).toBeLessThan(1e-5);
    for (const [path, { data }] of Object.entries(training.gradients)) {
      expect(relativeError(gradients.get(path)!, data), path).toBeLessThan(1e-5);
    }
  });

  test.each(executors)("running statistics after every step on %s", async (executor) => {
    const objective = (p: Params, { x }: Record<string, np.Array>, context: object) => layer.apply(p, x, context).sum();
    const run = await compileTraining(objective, adam(), paramsOf(layer, trained), { executor });
    for (const { x, mean, variance } of steps) {
      const batch = run.upload({ data: { x: toFloat32(x) }, noise: {} });
      await run.run(batch, 0);
      batch.dispose();
      const params = await run.read();
      expect(relativeError(of(params, "buffers.mean").data, mean.data)).toBeLessThan(1e-6);
      expect(relativeError(of(params, "buffers.variance").data, variance.data)).toBeLessThan(1e-6);
      expect([...of(params, "scale").data], "what is trained stays at learning rate 0").toEqual([
        ...trained.scale.data,
      ]);
    }
    run.dispose();
  });
});

test("running statistics start at those of the sample", () => {
  const sample = tensor([1, 10, 2, 10, 3, 10, 6, 10], [2, 2, 2]);
  const params = initialParams(batchNorm(2), new Random(1), sample);
  expect([...of(params, "buffers.mean").data]).toEqual([3, 10]);
  expect(of(params, "buffers.variance").data[0]).toBeCloseTo(14 / 3, 6);
  expect(of(params, "buffers.variance").data[1]).toBe(0);
  const one = initialParams(batchNorm(2), new Random(1), tensor([5, 6], [1, 2]));
  expect([...of(one, "buffers.mean").data, ...of(one, "buffers.variance").data]).toEqual([0, 0, 1, 1]);
});

test("a channel without variance is finite, and 0 before the shift", () => {
  const params = placeParams(initialParams(batchNorm(1), new Random(1)));
  const { data } = toTensor(batchNorm(1).apply(params as never, toArray(tensor([7, 7], [2, 1])), { training: true }));
  expect([...data]).toEqual([0, 0]);
});

test("refuses to train on a single number per channel, which has no variance", () => {
  const params = placeParams(initialParams(batchNorm(2), new Random(1)));
  const said = "batchNorm needs at least two numbers per channel to train, got x of (1, 2)";
  const apply = () => batchNorm(2).apply(params as never, toArray(tensor([1, 2], [1, 2])), { training: true });
  expect(apply).toThrow(new GmnmError(said));
});

test.each([0, 1.5, Number.NaN])("refuses a momentum of %d", (momentum) => {
  expect(() => batchNorm(2, { momentum })).toThrow(/momentum of batchNorm must be a number in \(0, 1\], got/);
});
