// What hands do: the mouse on a Gaussian and on the pad, keys alone, the tour.
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { ended, isReady, type Site } from "../site.ts";

const errorOf = (page: Page) => page.getAttribute("[data-testid=result-0]", "data-error").then(Number);

export function testHands(site: () => Site): void {
  describe("hands", () => {
    test("a dragged Gaussian takes the surface with it, and says what it is", async () => {
      const { page, errors, close } = await site().page("models=gmnm_12&until=150&speed=fast");
      await ended(page);
      const before = await errorOf(page);
      const picture = () => page.locator(".large canvas").evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
      const surface = await picture();
      const k = await page.locator(".component").last().getAttribute("data-component");
      const dot = page.locator(`[data-component="${k}"] .dot`);
      const { x, y, width } = (await dot.boundingBox())!;
      const [from, to] = [
        [x + width / 2, y + width / 2],
        [x + 90, y - 60],
      ];
      await page.mouse.move(from[0], from[1]);
      await page.waitForSelector(".tip dt:has-text('share')");
      await page.mouse.down();
      await page.mouse.move(to[0], to[1], { steps: 6 });
      await page.mouse.up();
      await expect.poll(() => errorOf(page)).toBeGreaterThan(1.2 * before);
      expect(await picture()).not.toBe(surface);
      const moved = (await dot.boundingBox())!;
      expect(Math.abs(moved.x + moved.width / 2 - to[0])).toBeLessThan(8);
      expect(Math.abs(moved.y + moved.width / 2 - to[1])).toBeLessThan(8);
      // Training brings it back to where it is of use.
      await page.getByRole("button", { name: "Play" }).click();
      await expect.poll(() => errorOf(page), { timeout: 30_000 }).toBeLessThan(1.1 * before);
      expect(errors).toEqual([]);
      await close();
    });

    test("digits drawn by mouse are told apart", async () => {
      const { page, errors, close } = await site().page("task=digits&until=250&speed=fast");
      await ended(page);
      const pad = page.getByRole("img", { name: "Draw a digit here" });
      const { x, y, width } = (await pad.boundingBox())!;
      const draw = async (points: number[][]) => {
        const places = points.map(([px, py]) => [x + px * width, y + py * width]);
        await page.mouse.move(places[0][0], places[0][1]);
        await page.mouse.down();
        for (const [px, py] of places.slice(1)) await page.mouse.move(px, py, { steps: 5 });
        await page.mouse.up();
      };
      const ring = Array.from({ length: 25 }, (_, i) => [
        0.5 + 0.2 * Math.cos((i * Math.PI) / 12),
        0.5 + 0.32 * Math.sin((i * Math.PI) / 12),
      ]);
      await draw(ring);
      await expect.poll(() => page.textContent("[data-testid=said-0]")).toBe("0");
      await page.getByRole("button", { name: "Clear" }).click();
      await expect.poll(() => page.textContent("[data-testid=said-0]")).toBe("–");
      await draw([
        [0.3, 0.2],
        [0.72, 0.2],
        [0.45, 0.85],
      ]);
      await expect.poll(() => page.textContent("[data-testid=said-0]")).toBe("7");
      expect(errors).toEqual([]);
      await close();
    });

    test("everything can be reached and done by keys alone", async () => {
      const { page, errors, close } = await site().page("models=gmnm_8", { reducedMotion: "reduce" });
      await isReady(page);
      const steps = () => page.textContent("[data-testid=step]").then(Number);
      await page.keyboard.press("s");
      await expect.poll(steps).toBe(1);
      await page.keyboard.press("Space");
      await expect.poll(steps).toBeGreaterThan(10);
      await page.keyboard.press("Space");
      await page.waitForSelector("[data-testid=step][data-playing=false]");
      await page.keyboard.press("r");
      await expect.poll(steps).toBe(0);
      // Tab by Tab through the page: every stop has a name and shows that it is there.
      const names: string[] = [];
      for (let i = 0; i < 60; i++) {
        await page.keyboard.press("Tab");
        const stop = await page.evaluate(() => {
          const element = document.activeElement as HTMLElement;
          if (element === document.body) return undefined;
          const input = element as HTMLInputElement;
          const name =
            element.getAttribute("aria-label") ?? input.labels?.[0]?.textContent ?? element.textContent ?? "";
          const shown = [element, element.closest("label")].some(
            (each) => each && getComputedStyle(each).outlineStyle !== "none",
          );
          return { name: name.trim(), shown, html: element.outerHTML.slice(0, 200) };
        });
        if (!stop) break;
        expect(stop.name, stop.html).not.toBe("");
        expect(stop.shown, stop.name).toBe(true);
        names.push(stop.name);
        // A Gaussian is chosen, moved and widened where the focus is on the picture.
        if (stop.name.startsWith("8 Gaussians.")) {
          await page.keyboard.press("n");
          const tip = () => page.textContent(".tip");
          const before = await tip();
          for (let k = 0; k < 3; k++) await page.keyboard.press("ArrowRight");
          await expect.poll(tip).not.toBe(before);
          const moved = await tip();
          await page.keyboard.press("+");
          await expect.poll(tip).not.toBe(moved);
          await page.keyboard.press("Escape");
          expect(await page.locator(".tip").count()).toBe(0);
        }
      }
      for (const name of [
        "Function",
        "Play",
        "One step",
        "Start anew",
        "Tour",
        "Match parameters",
        "Copy link",
        "Open a model",
        "8 Gaussians",
      ])
        expect(
          names.some((found) => found.startsWith(name)),
          name,
        ).toBe(true);
      // A task by arrow keys.
      await page.getByRole("radio", { name: "Function" }).focus();
      await page.keyboard.press("ArrowRight");
      await expect.poll(() => page.url()).toContain("task=classes");
      expect(errors).toEqual([]);
      await close();
    });

    test("the tour shows five things with the live model, and leaves what there was", async () => {
      const { page, errors, close } = await site().page("seed=3&until=80");
      await ended(page);
      await page.getByRole("button", { name: "Tour" }).click();
      const tour = page.getByRole("dialog", { name: "Tour" });
      for (const title of ["Centre", "Width", "Weight", "Rank", "Initialisation"]) {
        await tour.getByRole("heading", { name: title }).waitFor();
        await tour.locator(".act").click();
        await page.waitForSelector(".act:not([disabled])");
        await tour.getByRole("button", { name: /Next|Done/ }).click();
      }
      await expect.poll(() => tour.count()).toBe(0);
      await expect.poll(() => new URL(page.url()).hash).toBe("#seed=3&until=80");
      expect(errors).toEqual([]);
      await close();
    });

    test("novelty is drawn as lines around what was learnt", async () => {
      const { page, errors, close } = await site().page(
        "models=gmnm_6_initializer-kMeans_width-0.4&task=classes&shape=circle&until=20&novelty=1",
      );
      await ended(page);
      const path = await page.locator("svg.novelty path").first().getAttribute("d");
      expect(path!.length).toBeGreaterThan(200);
      expect(errors).toEqual([]);
      await close();
    });
  });
}
