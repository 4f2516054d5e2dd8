// Whole trainings natively: repeatable to the last bit, and the same as on wasm but for rounding.
import { numpy as np, tree } from "@jax-js/jax";
import { expect } from "vitest";
import { laplacian } from "../../src/models/pinn.ts";
import type { AnyLayer } from "../../src/nn/index.ts";
import { activation, dropout, gmnm, kan, layerNorm, linear, lstm, sequential } from "../../src/nn/index.ts";
import { adam, adamw } from "../../src/optim/adam.ts";
import { type Lbfgs, lbfgs } from "../../src/optim/lbfgs.ts";
import { cosine } from "../../src/optim/schedules.ts";
import { sgd } from "../../src/optim/sgd.ts";
import type { Optimizer } from "../../src/optim/transform.ts";
import { namedTensors, type ParamTensors } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { tensor } from "../../src/tensor.ts";
import { type FitOptions, fit, initialParams } from "../../src/train/fit.ts";
import { crossEntropy, huber } from "../../src/train/losses.ts";
import { minimize } from "../../src/train/minimize.ts";
import { predict } from "../../src/train/predict.ts";
import { relativeError } from "../gradients.ts";
import { liveBuffers } from "../live-buffers.ts";
import { waves } from "../train/examples.ts";
import { describeNative, nativeTest } from "./native.ts";

type Trained = { params: ParamTensors; losses: number[] };
type Executor = "native" | "wasm";
type Training = (executor: Executor) => Promise<Trained>;

const data = waves(60);
const classes = {
  x: data.x,
  y: tensor(
    [...data.y.data].flatMap((v) => [Number(v < 0), Number(v >= 0)]),
    [60, 2],
  ),
};

const fitting =
  (layer: AnyLayer, options: FitOptions = {}, examples = data): Training =>
  async (executor) => {
    const { model, history } = await fit(layer, examples, {
      optimizer: adam({ learningRate: 0.01 }),
      epochs: 8,
      ...options,
      executor,
      progress: false,
    });
    return {
      params: model.params,
      losses: history.flatMap((r) => [r.loss, ...(r.validationLoss ? [r.validationLoss] : [])]),
    };
  };

/** −Δu = f on the square, u a mixture: second derivatives by jvp in jvp, then a gradient. */
const poisson: Training = async (executor) => {
  const layer = gmnm(2, 1, { numComponents: 8 });
  const points = new Random(3).normal([40, 2], 0.5);
  const { params, history } = await minimize(
    (p, { x }) => {
      const residual = laplacian((at) => layer.apply(tree.ref(p) as never, at), 2)(x).add(1);
      tree.dispose(p);
      return np.square(residual).mean();
    },
    initialParams(layer, new Random(1), points),
    { x: points },
    { optimizer: adam({ learningRate: 0.003 }), epochs: 6, executor, progress: false },
  );
  return { params, losses: history.map(({ loss }) => loss) };
};

/** A gradient that is the same number everywhere, beside others, and one that is the same number in a part. */
const constantGradients =
  (optimizer: Optimizer | Lbfgs): Training =>
  async (executor) => {
    const { params, history } = await minimize(
      (p, { x }) => {
        const { a, b, c } = p as Record<string, np.Array>;
        const square = np.square(x.mul(a)).mean();
        return square.add(b.sum()).add(c.slice([1, 3]).sum());
      },
      { a: tensor([1, 2], [2]), b: tensor([5, 5, 5], [3]), c: tensor([1, 1, 1, 1], [4]) },
      { x: tensor([1, 2, 3, 4], [2, 2]) },
      { optimizer, epochs: 2, executor, progress: false },
    );
    return { params, losses: history.flatMap(({ loss }) => [loss, loss]) };
  };

const mixture = gmnm(2, 1, { numComponents: 8 });
const sequence = { x: new Random(5).normal([12, 6, 2]), y: new Random(6).normal([12, 1]) };

const trainings: [name: string, training: Training][] = [
  ["Adam", fitting(mixture)],
  [
    "Adam in batches, a schedule, held-out rows",
    fitting(mixture, { batchSize: 16, optimizer: adam({ learningRate: cosine(0.01) }), validation: 0.2 }),
  ],
  ["Adam with clipped gradients", fitting(mixture, { optimizer: adam({ learningRate: 0.01, clip: 0.01 }) })],
  ["AdamW", fitting(mixture, { optimizer: adamw({ learningRate: 0.01, weightDecay: 0.1 }) })],
  ["gradient descent", fitting(mixture, { optimizer: sgd({ learningRate: 0.01 }) })],
  ["gradient descent with momentum", fitting(mixture, { optimizer: sgd({ learningRate: 0.01, momentum: 0.9 }) })],
  ["L-BFGS", fitting(mixture, { optimizer: lbfgs(), epochs: 4 })],
  ["dropout", fitting(sequential(gmnm(2, 8, { numComponents: 4 }), dropout(0.5), linear(8, 1)), { batchSize: 20 })],
  ["cross-entropy", fitting(gmnm(2, 2, { numComponents: 8 }), { loss: crossEntropy }, classes)],
  [
    "Huber's loss behind a small network",
    fitting(sequential(linear(2, 8), layerNorm(8), activation("tanh"), linear(8, 1)), { loss: huber(0.5) }),
  ],
  ["a grid that adapts", fitting(sequential(kan(2, 3), kan(3, 1)), { adaptAfter: [3], epochs: 5 })],
  ["an LSTM", fitting(sequential(lstm(2, 6), linear(6, 1)) as AnyLayer, {}, sequence as never)],
  ["a Laplacian", poisson],
  ["constant gradients", constantGradients(sgd({ learningRate: 0.1 }))],
  ["constant gradients by L-BFGS", constantGradients(lbfgs())],
];

const numbersOf = (params: ParamTensors) => namedTensors(params).flatMap(([, { data: numbers }]) => [...numbers]);

describeNative("training", () => {
  nativeTest.each(trainings)("%s: twice the same, and as on wasm", async (_, training) => {
    const before = liveBuffers();
    const [first, second, wasm] = [await training("native"), await training("native"), await training("wasm")];
    expect(liveBuffers()).toBe(before);
    expect(second).toEqual(first);
    expect(first.losses.length).toBeGreaterThan(2);
    expect(first.losses.at(-1)).not.toBe(first.losses[0]);
    // The logarithm of jax-js on wasm is good to 1e-5 here.
    expect(relativeError(first.losses.slice(0, 1), wasm.losses.slice(0, 1)), "first loss").toBeLessThan(2e-5);
    expect(relativeError(first.losses, wasm.losses), "losses").toBeLessThan(1e-4);
    expect(relativeError(numbersOf(first.params), numbersOf(wasm.params)), "parameters").toBeLessThan(1e-3);
  });

  nativeTest("a batch of every size is predicted as on wasm", async () => {
    const { model } = await fit(mixture, data, { epochs: 2, executor: "native", progress: false });
    for (const rows of [1, 7, 60]) {
      const x = tensor(data.x.data.slice(0, 2 * rows), [rows, 2]);
      const [native, wasm] = [
        await predict(model, x, { executor: "native" }),
        await predict(model, x, { executor: "wasm" }),
      ];
      expect(native.shape).toEqual([rows, 1]);
      expect(relativeError(native.data, wasm.data)).toBeLessThan(1e-5);
    }
  });

  nativeTest("a step that is not finite keeps what was learnt, and the error says why", async () => {
    const error = await fit(sequential(linear(2, 4), linear(4, 1)), data, {
      optimizer: sgd({ learningRate: 1e20 }),
      epochs: 9,
      executor: "native",
      progress: false,
    }).catch((e) => e);
    expect(error.message).toMatch(/^gmnm: training stopped at step \d+ \(epoch \d+\): loss (NaN|Infinity)/);
    expect(numbersOf(error.params).every(Number.isFinite)).toBe(true);
  });
});
