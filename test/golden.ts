// Golden values of test/fixtures, made by PyTorch and SciPy (see make.py there).
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import type { LayerConfig } from "../src/nn/layer.ts";
import { fromConfig } from "../src/nn/registry.ts";
import { fillParams, readParams } from "../src/params.ts";
import { Random } from "../src/random.ts";
import { type Tensor, tensor } from "../src/tensor.ts";
import { compiledGradients, relativeError } from "./gradients.ts";

export type Block = { shape: number[]; data: number[] };
export type LayerCase = {
  name: string;
  config: LayerConfig;
  params: Record<string, Block>;
  x: Block;
  cotangent: Block;
  y: Block;
  gradients: Record<string, Block>;
};

export const fixture = <T = LayerCase[]>(name: string): T =>
  JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), "utf8")) as T;

export const toFloat32 = ({ data, shape }: Block): Tensor => tensor(data, shape);

/** Expects float32 values and gradients within 1e-5 of a golden case, relative to the norm of each block. */
export async function expectGolden(golden: LayerCase): Promise<void> {
  const layer = fromConfig(golden.config);
  const given = new Map(Object.entries(golden.params).map(([path, block]) => [path, toFloat32(block)]));
  const initial = layer.init(new Random(1));
  const params = fillParams(readParams(initial), given);
  const point = { layer, params, x: toFloat32(golden.x), cotangent: toFloat32(golden.cotangent) };
  const { y, gradients } = await compiledGradients(point);
  expect(y.shape).toEqual(golden.y.shape);
  expect(relativeError(y.data, golden.y.data), "values").toBeLessThan(1e-5);
  expect([...gradients.keys()].sort()).toEqual(Object.keys(golden.gradients).sort());
  for (const [path, { data }] of Object.entries(golden.gradients)) {
    expect(relativeError(gradients.get(path)!, data), `gradient of ${path}`).toBeLessThan(1e-5);
  }
}
