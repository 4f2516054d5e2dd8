import { tree } from "@jax-js/jax";
import { expect, test } from "vitest";
import { gmnm, rbf, sequential } from "../../src/nn/index.ts";
import { adam, adamw, isProjection } from "../../src/optim/index.ts";
import { scaleBySize } from "../../src/optim/scale-by-size.ts";
import type { Transform } from "../../src/optim/transform.ts";
import { namedTensors, placeParams, readParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";
import { initialParams } from "../../src/train/fit.ts";
import { fit } from "../../src/train/index.ts";
import { liveBuffers } from "../live-buffers.ts";
import { waves } from "../train/examples.ts";

const start = { a: tensor([7, 0.5, 0, -1, 0.5, 0], [2, 1, 3]), b: tensor([10, 10], [1, 2]), c: tensor([-3, 0.1], [2]) };
const signs = { a: tensor([1, 1, 1, -1, -1, -1], [2, 1, 3]), b: tensor([1, -1], [1, 2]), c: tensor([1, 1], [2]) };

/** The first update of a transform. */
function update(transform: Transform, gradients: Record<string, Tensor> = signs): Record<string, number[]> {
  const params = placeParams(start);
  const [updates, state] = transform.update(placeParams(gradients), transform.init(tree.ref(params)), params);
  const read = namedTensors(readParams(updates));
  tree.dispose([updates, state]);
  return Object.fromEntries(read.map(([path, { data }]) => [path, [...data].map((u) => +u.toFixed(4))]));
}

test("updates grow with the size of each last index, from 1 on, in matrices that are meant", () => {
  const before = liveBuffers();
  // Two numbers for each of three Gaussians in a: sizes 5, 0.5 and 0.
  expect(update(scaleBySize((path) => path !== "b"))).toEqual({ a: [5, 1, 1, -5, -1, -1], b: [1, -1], c: [1, 1] });
  expect(liveBuffers()).toBe(before);
});

test("Adam's first step has length 1 whatever the gradient, and that times the size where it is relative; decay is added as it is", () => {
  const gradients = Object.fromEntries(
    Object.entries(signs).map(([path, { data, shape }]) => [path, { data: data.map((g) => 7 * g), shape }]),
  );
  const relative = (path: string) => path === "a";
  expect(update(adam({ relative }), gradients)).toEqual({ a: [5, 1, 1, -5, -1, -1], b: [1, -1], c: [1, 1] });
  const decaying = adamw({ relative, weightDecay: 0.1, decays: (path) => path !== "c" });
  expect(update(decaying, gradients)).toEqual({ a: [5.7, 1.05, 1, -5.1, -0.95, -1], b: [2, 0], c: [1, 1] });
});

test("the projections of every kind of mixture go by that name, and nothing else does", () => {
  const layer = sequential(gmnm(2, 3), gmnm(3, 2, { covariance: "diagonal", centers: "projected" }), rbf(2, 1));
  const paths = namedTensors(initialParams(layer, new Random(0), waves(9).x)).map(([path]) => path);
  expect(paths.filter(isProjection).sort()).toEqual(paths.filter((path) => path.includes("projections")).sort());
  expect(paths.filter(isProjection).length).toBe(3);
  expect(isProjection("projections.weights")).toBe(false);
});

test("what trains without being told how lengthens the steps of narrow Gaussians", async () => {
  const data = waves(200);
  const options = { epochs: 3, progress: false } as const;
  const layer = gmnm(2, 1, { numComponents: 64 });
  const projectionsAfter = async (optimizer?: ReturnType<typeof adam>) => {
    const { model } = await fit(layer, data, { ...options, optimizer });
    return (model.params as Record<string, Tensor>).projections.data;
  };
  const { projections } = initialParams(layer, new Random(0), data.x) as Record<string, Tensor>;
  const distance = (after: ArrayLike<number>) => Math.hypot(...projections.data.map((p, i) => after[i] - p));
  const [byDefault, plain] = [await projectionsAfter(), await projectionsAfter(adam({ learningRate: 0.03 }))];
  expect(distance(byDefault)).toBeGreaterThan(1.5 * distance(plain));
});
