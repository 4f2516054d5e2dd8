// One definition, any executor: in a browser, WebGPU computes what wasm computes, and wasm what it computes in Node.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { gmnm } from "../../src/nn/gmnm.ts";
import { fit } from "../../src/train/fit.ts";
import { layerCases } from "../contract/cases.ts";
import { waves } from "../train/examples.ts";
import { type BrowserPage, describeChromium, openPage } from "./chromium.ts";
import type { Tests } from "./executors.page.ts";

declare const tests: Tests;

describeChromium("in a browser", () => {
  let browser: BrowserPage;
  let errors: Record<string, number>;

  beforeAll(async () => {
    browser = await openPage(join(import.meta.dirname, "executors.page.ts"));
    errors = await browser.page.evaluate(() => tests.compareLayers());
  }, 300_000);
  afterAll(() => browser?.close());

  test.each(layerCases)("WebGPU agrees with wasm: $name", ({ name }) => {
    // WGSL promises a sine within 2⁻¹¹ only.
    expect(errors[name]).toBeLessThan(name === "activation sin" ? 2 ** -11 : 1e-4);
  });

  test("training on WebGPU follows training on wasm, which is the same in Node", async () => {
    const [wasm, webgpu] = [
      await browser.page.evaluate(() => tests.train("wasm")),
      await browser.page.evaluate(() => tests.train("webgpu")),
    ];
    expect(wasm[29]).toBeLessThan(0.5 * wasm[0]);
    for (const [i, loss] of webgpu.entries()) expect(loss).toBeCloseTo(wasm[i], 4);
    const options = { epochs: 30, executor: "wasm", progress: false } as const;
    const { history } = await fit(gmnm(2, 1, { numComponents: 8 }), waves(70), options);
    expect(history.map(({ loss }) => loss)).toEqual(wasm.slice(0, 30));
  }, 60_000);

  test("nothing was written to the console as an error", () => {
    expect(browser.errors).toEqual([]);
  });
});
