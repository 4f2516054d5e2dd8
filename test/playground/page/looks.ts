// How it looks, at desktop and phone width, light and dark; and that all can read it.
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { ended, type Site } from "../site.ts";

/** With SCREENSHOTS=folder the pictures are kept, to be looked at. */
const folder = process.env.SCREENSHOTS;
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const sizes = [["desktop", 1440, 900], ["phone", 390, 844]] as const; // biome-ignore format: a table
const csv = (header: string, row: (i: number) => (string | number)[]) =>
  [header, ...Array.from({ length: 120 }, (_, i) => row(i).join(","))].join("\n");
/** Tables of the user's: two features are a picture, five a table of classes. */
const boxes = csv("height,width,area", (i) => [1 + (i % 14), 1 + (i % 11), (1 + (i % 14)) * (1 + (i % 11))]);
const kinds = ["setosa", "versicolor", "virginica"];
const flowers = csv("sepal length,sepal width,petal length,petal width,region,kind", (i) => [
  5 + (i % 3) + (i % 7) / 3,
  3 - (i % 3) / 5 + (i % 11) / 9,
  1.5 + 2 * (i % 3) + (i % 13) / 9,
  (i % 3) + (i % 5) / 4,
  ["north", "south"][(i >> 1) % 2],
  kinds[i % 3],
]);
const states: { name: string; state: string; file?: string }[] = [
  { name: "function", state: "" },
  { name: "classes", state: "task=classes" },
  { name: "curve", state: "task=curve" },
  { name: "digits", state: "task=digits" },
  { name: "poisson", state: "task=poisson" },
  { name: "boxes", state: "task=table", file: boxes },
  { name: "flowers", state: "task=table", file: flowers },
];

async function violations(page: Page): Promise<string[]> {
  // As the page's policy lets no other code in, it is handed over by the browser itself.
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe);
  return page.evaluate(async () => {
    type Result = { violations: { id: string; nodes: { target: string[]; failureSummary: string }[] }[] };
    const { axe } = globalThis as unknown as { axe: { run(): Promise<Result> } };
    const found = await axe.run();
    return found.violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`),
    );
  });
}

export function testLooks(site: () => Site): void {
  describe("looks", () => {
    const views = sizes.flatMap(([name, width, height]) =>
      (["light", "dark"] as const).map((scheme) => [name, scheme, width, height] as const),
    );
    test.each(views)(
      "%s, %s: nothing sticks out, fields are drawn, axe finds nothing",
      async (name, colorScheme, width, height) => {
        const { page, errors, close } = await site().page("until=40&speed=fast", {
          viewport: { width, height },
          colorScheme,
        });
        // Every task in one of either.
        const shown =
          name === "desktop"
            ? colorScheme === "light"
              ? states
              : states.slice(0, 2)
            : colorScheme === "dark"
              ? states
              : states.slice(0, 1);
        for (const [i, { name: task, state, file }] of shown.entries()) {
          const until = 40 + i;
          if (state) await page.evaluate((hash) => location.assign(hash), `#${state}&until=${until}&speed=fast`);
          if (file) {
            const buffer = Buffer.from(file);
            await page.setInputFiles(".left input[type=file]", { name: `${task}.csv`, mimeType: "text/csv", buffer });
            await page.getByText(`${task}.csv: 120 rows`).waitFor();
          }
          await expect.poll(() => page.textContent("[data-testid=step]")).toBe(String(until));
          await ended(page);
          expect(
            await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
            task,
          ).toBeLessThanOrEqual(0);
          const shades = await page.evaluate(() =>
            [...document.querySelectorAll<HTMLCanvasElement>(".plane canvas")].map((canvas) => {
              const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
              return new Set(new Uint32Array(data.buffer)).size;
            }),
          );
          for (const count of shades) expect(count, task).toBeGreaterThan(10);
          if (folder) {
            await mkdir(folder, { recursive: true });
            await page.screenshot({
              path: `${folder}/${name}-${colorScheme}-${task}.png`,
              fullPage: name === "phone",
            });
          }
          expect(await violations(page), task).toEqual([]);
        }
        await page.evaluate(() => location.assign("#fn=formula&formula=sin(x"));
        await page.getByText("not a formula").waitFor();
        expect(await violations(page), "a formula that is none").toEqual([]);
        await page.getByRole("button", { name: "Tour" }).click();
        await page.getByRole("dialog").waitFor();
        await page.waitForTimeout(350); // it rises
        expect(await violations(page), "tour").toEqual([]);
        // The test itself reads canvases.
        expect(errors.filter((text) => !text.includes("willReadFrequently"))).toEqual([]);
        await close();
      },
    );

    test("nothing sticks out at any width from 320 to 1600", async () => {
      const { page, close } = await site().page("", { reducedMotion: "reduce" });
      await page.waitForSelector("[data-testid=step][data-busy=false]");
      for (let width = 320; width <= 1600; width += 20) {
        await page.setViewportSize({ width, height: 800 });
        const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(beyond, `${width} wide`).toBeLessThanOrEqual(0);
      }
      await close();
    });

    test("nothing moves when a training begins, but what is drawn", async () => {
      const { page, close } = await site().page("", { reducedMotion: "reduce" });
      await page.waitForSelector("[data-testid=step][data-busy=false]");
      const places = () =>
        page.evaluate(() =>
          [".stage", ".tiles", ".right table", ".inside", ".play"].map((selector) =>
            JSON.stringify(document.querySelector(selector)!.getBoundingClientRect()),
          ),
        );
      const before = await places();
      await page.keyboard.press("Space");
      await expect.poll(() => page.textContent("[data-testid=step]").then(Number)).toBeGreaterThan(60);
      expect(await places()).toEqual(before);
      await close();
    });
  });
}
