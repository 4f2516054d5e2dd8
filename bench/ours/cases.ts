// The benchmark's cases as the library's users would write them. The same sizes and mathematics stand in ../peers.
import { numpy as np, tree } from "@jax-js/jax";
import { laplacian, mlp } from "../../src/models/index.ts";
import {
  type AnyLayer,
  activation,
  conv2d,
  flatten,
  gmnm,
  linear,
  lstm,
  maxPool2d,
  multiHeadAttention,
  sequential,
} from "../../src/nn/index.ts";
import type { ParamTensors } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import type { Tensor } from "../../src/tensor.ts";
import { initialParams } from "../../src/train/fit.ts";
import { crossEntropy, type Loss, mse, type Objective } from "../../src/train/index.ts";
import type { GmnmSizes } from "../protocol.ts";

/** What a training starts from. */
export type Start = { objective: Objective; params: ParamTensors; data: Record<string, Tensor> };

const { PI, sin } = Math;

export const cases: Record<string, () => Start> = {
  "gmnm-large": () => gmnmLayer({ rows: 1024, inFeatures: 64, numComponents: 256, rank: 4 }),
  "gmnm-small": () => plane(256),
  "gmnm-10k": () => plane(10_000),
  "gmnm-mlp": () => {
    const first = gmnm(64, 128, { numComponents: 128, weightScale: 3 });
    return classify(sequential(first, gmnm(128, 10, { numComponents: 88 })), [256, 64]);
  },
  "relu-mlp": () => classify(mlp([64, 256, 256, 10], { nonlinearity: "relu" }), [256, 64]),
  mlp: () => classify(mlp([784, 256, 128, 10], { nonlinearity: "relu" }), [128, 784]),
  cnn: () => classify(convolutional(), [64, 28, 28, 1]),
  lstm: () => forecast(24),
  // For the cold start: the steps are unrolled, so this is the largest program there is here.
  "lstm-96": () => forecast(96),
  attention: () => regress(multiHeadAttention(64, { numHeads: 4 }), [16, 64, 64], [16, 64, 64]),
  pinn,
};

/** A layer of many features; 64 outputs. */
export function gmnmLayer({ rows, inFeatures, ...options }: GmnmSizes): Start {
  const layer = gmnm(inFeatures, 64, { ...options, covariance: "lowRank", centers: "projected", skip: false });
  return regress(layer, [rows, inFeatures], [rows, 64]);
}

/** A function of the plane. */
function plane(rows: number): Start {
  const random = new Random(0);
  const x = uniform(random, [rows, 2], -1);
  return supervised(gmnm(2, 1, { numComponents: 64 }), mse, { x, y: random.normal([rows, 1]) }, random);
}

function convolutional(): AnyLayer {
  return sequential(
    conv2d(1, 16), // (batch, 28, 28, 16)
    activation("relu"),
    maxPool2d(),
    conv2d(16, 32), // (batch, 14, 14, 32)
    activation("relu"),
    maxPool2d(),
    flatten(), // (batch, 7 · 7 · 32)
    linear(7 * 7 * 32, 10),
  );
}

const forecast = (steps: number): Start => regress(sequential(lstm(7, 64), linear(64, 1)), [64, steps, 7], [64, 1]);

/** −Δu = f on the unit square with u = 0 at its edge, f = 2π² sin πx sin πy: the loss of experiments/poisson. */
function pinn(): Start {
  const layer: AnyLayer = mlp([2, 50, 50, 50, 1], { nonlinearity: "tanh" });
  const random = new Random(0);
  const interior = uniform(random, [1000, 2]);
  const source = {
    data: Float32Array.from(
      { length: 1000 },
      (_, i) => 2 * PI ** 2 * sin(PI * interior.data[2 * i]) * sin(PI * interior.data[2 * i + 1]),
    ),
    shape: [1000, 1],
  };
  const objective: Objective = (p, { interior, boundary, source }) => {
    const u = (x: np.Array) => layer.apply(tree.ref(p), x);
    const residual = laplacian(u, 2)(interior).add(source); // (1000, 1)
    const edge = layer.apply(p, boundary); // (200, 1)
    return np.square(residual).mean().mul(0.01).add(np.square(edge).mean());
  };
  const data = { interior, boundary: edgePoints(random, 50), source };
  return { objective, params: initialParams(layer, random, interior), data };
}

/** n random points on each side of the unit square (4n, 2). */
function edgePoints(random: Random, n: number): Tensor {
  const points = Array.from({ length: 4 * n }, (_, i) => {
    const [end, along] = [Math.floor(i / n) % 2, random.uniform()];
    return i < 2 * n ? [end, along] : [along, end];
  });
  return { data: Float32Array.from(points.flat()), shape: [4 * n, 2] };
}

function regress(layer: AnyLayer, x: number[], y: number[]): Start {
  const random = new Random(0);
  return supervised(layer, mse, { x: random.normal(x), y: random.normal(y) }, random);
}

/** Ten classes, one-hot. */
function classify(layer: AnyLayer, shape: number[]): Start {
  const random = new Random(0);
  const y = new Float32Array(shape[0] * 10);
  for (let row = 0; row < shape[0]; row++) y[10 * row + random.integer(10)] = 1;
  return supervised(layer, crossEntropy, { x: random.normal(shape), y: { data: y, shape: [shape[0], 10] } }, random);
}

const supervised = (layer: AnyLayer, loss: Loss, data: { x: Tensor; y: Tensor }, random: Random): Start => ({
  objective: (p, { x, y }, context) => loss(layer.apply(p, x, context), y),
  // Sequential passes the sample on as rows of features, which images and sequences are not; none of their layers needs one.
  params: initialParams(layer, random, data.x.shape.length === 2 ? data.x : undefined),
  data,
});

function uniform(random: Random, shape: number[], low = 0): Tensor {
  const length = shape.reduce((product, side) => product * side);
  return { data: Float32Array.from({ length }, () => random.uniform(low, 1)), shape };
}
