import { numpy } from "@jax-js/jax";
import { expect, test } from "vitest";
import { evaluateElbo, type VaeParams, vae } from "../../src/models/index.ts";
import { linear, type Params } from "../../src/nn/index.ts";
import { namedTensors, placeParams, readParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, tensor, toArray, toTensor } from "../../src/tensor.ts";
import { liveBuffers } from "../live-buffers.ts";

const model = vae(6, { latentSize: 2, hidden: [4] });
const params = readParams(model.init(new Random(1)) as Params);
const x = tensor(
  Float32Array.from({ length: 7 * 6 }, (_, i) => (i % 5) / 4),
  [7, 6],
);

test("many draws come near the expectation, whatever the batches", async () => {
  const before = liveBuffers();
  const [whole, parts] = [
    await evaluateElbo(model, params, x, { samples: 800 }),
    await evaluateElbo(model, params, x, { samples: 800, batchSize: 3, seed: 5 }),
  ];
  expect(liveBuffers()).toBe(before);
  expect(Math.abs(whole - parts)).toBeLessThan(0.02);
  expect(await evaluateElbo(model, params, x, { samples: 2, seed: 3 })).toBe(await evaluateElbo(model, params, x, { samples: 2, seed: 3 })); // biome-ignore format: one line
});

test("a decoder that ignores z makes it exact", async () => {
  const deaf = vae(6, { latentSize: 2, hidden: [], decoder: linear(2, 6) });
  const start = readParams(deaf.init(new Random(1)) as Params);
  for (const [path, { data }] of namedTensors(start)) if (path === "decoder.weights") data.fill(0);
  const expected = deaf.elbo(placeParams(start) as VaeParams, toArray(x), { uniform: (s) => numpy.full(s, 0.5) });
  const { data }: Tensor = toTensor(expected);
  const found = await evaluateElbo(deaf, start, x, { batchSize: 4 });
  expect(found).toBeCloseTo(data.reduce((a, b) => a + b) / 7, 4);
});

test.each([{ samples: 0 }, { batchSize: 0 }])("refuses %j", async (options) => {
  await expect(evaluateElbo(model, params, x, options)).rejects.toThrow(
    /^gmnm: evaluateElbo needs rows, samples and a batchSize of at least 1/,
  );
});
