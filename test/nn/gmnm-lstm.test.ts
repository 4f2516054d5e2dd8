import { describe, expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { gmnmLstm } from "../../src/nn/gmnm-lstm.ts";
import { lstm } from "../../src/nn/lstm.ts";
import { placeParams, readParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, tensor, zeros } from "../../src/tensor.ts";
import { forward, maxDifference } from "../forward.ts";
import { expectGolden, fixture } from "../golden.ts";
import { compiledGradients } from "../gradients.ts";

describe("values and gradients agree with the golden ones", () => {
  test.each(fixture("gmnm-lstm"))("$name", expectGolden);
});

const x = new Random(3).normal([2, 6, 3]);
const started = (options = {}) => readParams(gmnmLstm(3, 4, options).init(new Random(1))) as Record<string, Tensor>;

test.each(["candidate", "gates"] as const)("without its mixture in the %s it is an LSTM", (placement) => {
  const params = started({ placement });
  const silent = { ...params, mixtureWeights: zeros(params.mixtureWeights.shape) };
  const { inputWeights, hiddenWeights, bias } = params;
  const plain = forward(lstm(3, 4), placeParams({ inputWeights, hiddenWeights, bias }), x);
  expect(maxDifference(forward(gmnmLstm(3, 4, { placement }), placeParams(silent), x).data, plain.data)).toBeLessThan(
    1e-6,
  );
  const spoken = { ...params, mixtureWeights: tensor(params.mixtureWeights.data.fill(2), params.mixtureWeights.shape) };
  expect(
    maxDifference(forward(gmnmLstm(3, 4, { placement }), placeParams(spoken), x).data, plain.data),
  ).toBeGreaterThan(0.01);
});

test("states stay within (−1, 1) and gradients finite however strong the mixture and far the input", async () => {
  const params = started();
  params.mixtureWeights.data.fill(1e4);
  const far = tensor(
    x.data.map((value) => value * 1e3),
    x.shape,
  );
  for (const input of [x, far]) {
    const point = { layer: gmnmLstm(3, 4), params, x: input, cotangent: new Random(4).normal([2, 4]) };
    const { y, gradients } = await compiledGradients(point);
    for (const value of y.data) expect(Math.abs(value)).toBeLessThanOrEqual(1);
    for (const gradient of gradients.values()) expect(Array.from(gradient).every(Number.isFinite)).toBe(true);
  }
});

test("x_t moves the Gaussians as much as h, however few its features are and whatever their scale", () => {
  const sample = new Random(5).normal([100, 8, 2]);
  for (let i = 0; i < sample.data.length; i += 2) sample.data[i] *= 1000;
  const { inputProjections } = readParams(
    gmnmLstm(2, 64, { numComponents: 32, width: 1 }).init(new Random(1), sample),
  ) as Record<string, Tensor>;
  // Mean square of what one feature adds to y, times the features: half of E[y²] = 1 between two rows, which differ by 2 s².
  const rms = (from: number) => {
    const row = inputProjections.data.slice(from * 64, from * 64 + 64);
    return Math.sqrt(row.reduce((sum, value) => sum + value * value, 0) / row.length);
  };
  expect(rms(0) * 1000).toBeCloseTo(rms(1), 1);
  expect(rms(1) ** 2 * 2 * 2 * 2).toBeGreaterThan(0.35);
  expect(rms(1) ** 2 * 2 * 2 * 2).toBeLessThan(1.3);
});

test("refuses a placement it does not have", () => {
  const said = 'placement of gmnmLstm must be ("candidate" | "gates"), got "head"';
  expect(() => gmnmLstm(2, 3, { placement: "head" as never })).toThrow(new GmnmError(said));
});
