// An exported module in a real browser: as a script of its own, and pasted into a page.
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { predictInDouble } from "../../src/export/compare.ts";
import { toJs } from "../../src/export/js.ts";
import { gmnm } from "../../src/nn/gmnm.ts";
import { linear } from "../../src/nn/linear.ts";
import { decodeJsonRows, encodeJsonRows, type JsonRow } from "../../src/table/json-rows.ts";
import { describeChromium, executablePath } from "../browser/chromium.ts";
import { hostileTable } from "./hostile.ts";
import { mixedInputs, mixedRows, numbers, randomRows, started, tableOf } from "./samples.ts";

describeChromium("an exported module", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  }, 60_000);
  afterAll(() => browser?.close());

  const hostileRows = randomRows(
    hostileTable.inputs.map(({ name }) => name),
    3,
  );
  const cases = [
    ["of every kind of column", tableOf(mixedInputs, numbers("y", "z")), started(gmnm(10, 2)), mixedRows],
    ["with hostile names", hostileTable, started(linear(hostileTable.inputs.length, 2)), hostileRows],
  ] as const;

  test.each(cases)(
    "%s predicts in a browser what it predicts here",
    async (_, preprocessing, model, rows) => {
      const source = toJs(model, preprocessing);
      const page = await browser.newPage();
      const errors: string[] = [];
      page.on("pageerror", ({ message }) => errors.push(message));
      await page.route("**/*", (route) => {
        const file = new URL(route.request().url()).pathname;
        if (file === "/model.js") return route.fulfill({ body: source, contentType: "text/javascript; charset=utf-8" });
        if (file !== "/") return route.abort();
        // The same source twice: imported, and pasted into the page.
        const pasted = `<script type="module">${source}\nglobalThis.pasted = predict;</script>`;
        const imported = `<script type="module">import * as model from "./model.js"; globalThis.imported = model.predict;</script>`;
        const head = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">';
        return route.fulfill({ body: head + imported + pasted, contentType: "text/html" });
      });
      await page.goto("https://gmnm.test/");
      const said = await page.evaluate((given) => {
        const { imported, pasted } = globalThis as unknown as Record<string, (rows: unknown) => unknown>;
        return [imported(JSON.parse(given)), pasted(JSON.parse(given))].map((predictions) =>
          JSON.stringify(predictions),
        );
      }, JSON.stringify(rows));
      expect(errors).toEqual([]);
      expect(await page.evaluate(() => Object.hasOwn(globalThis, "broken"))).toBe(false);
      expect(said[1]).toBe(said[0]);
      const x = encodeJsonRows(rows as JsonRow[], preprocessing);
      const expected = decodeJsonRows(await predictInDouble(model, x), preprocessing) as Record<string, number>[];
      for (const [i, row] of (JSON.parse(said[0]) as Record<string, number>[]).entries()) {
        expect(Object.keys(row)).toEqual(Object.keys(expected[i]));
        for (const name of Object.keys(row)) expect(row[name]).toBeCloseTo(expected[i][name], 8);
      }
      await page.close();
    },
    60_000,
  );
});
