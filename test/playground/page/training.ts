// What is learnt, in how many steps, and that a link repeats it.
import { afterAll, describe, expect, test } from "vitest";
import { ended, type Opened, type Site } from "../site.ts";

/** By state: steps, other than those of the state before it, and the error that each model must be below. */
const stated: [name: string, state: string, steps: number, errors: number[]][] = [
  ["a function", "", 400, [0.06, 0.15, 0.06]],
  ["the user's formula", "fn=formula&formula=x*y+%2B+sin(3*x)", 200, [0.08, 0.12, 0.08]],
  ["a ridge by a perceptron with learnt activations", "fn=ridge&models=mlp_8_activation-mixture", 300, [0.1]],
  ["two moons", "task=classes&shape=moons&models=gmnm_12~rbf_16~fastKan_4", 150, [0.1, 0.05, 0.05]],
  ["two spirals", "task=classes", 300, [0.05, 0.05, 0.05]],
  ["Poisson's equation", "task=poisson&models=gmnm_24_width-1.5", 100, [0.15]],
  ["a curve", "task=curve", 300, [0.08, 0.9, 0.1]],
  ["digits", "task=digits", 120, [0.12, 0.2]],
  ["a function by L-BFGS", "optimizer=lbfgs&models=gmnm_16_width-1~mlp_8", 60, [0.2, 0.3]],
];

export function testTraining(site: () => Site): void {
  describe("training", () => {
    // One page goes from link to link: to open one for each would take twice as long.
    let opened: Opened | undefined;
    afterAll(() => opened?.close());
    test.each(stated)("%s", async (_, state, steps, limits) => {
      const hash = `${state}&speed=fast&until=${steps}`;
      if (opened) await opened.page.evaluate((hash) => location.assign(`#${hash}`), hash);
      else opened = await site().page(hash);
      const { page, errors: wrong } = opened;
      await expect.poll(() => page.textContent("[data-testid=step]")).toBe(String(steps));
      const { step, errors } = await ended(page);
      expect(step).toBe(steps);
      expect(errors).toHaveLength(limits.length);
      for (const [i, limit] of limits.entries()) expect(errors[i], `model ${i}`).toBeLessThan(limit);
      expect(wrong).toEqual([]);
    });

    test("the address repeats what was chosen: same seed, same curve; another seed, another", async () => {
      const { page, errors, close } = await site().page("until=60");
      await ended(page);
      await page.selectOption("label:has-text('Function') select", { label: "sin 2πx · sin 2πy" });
      await page.getByLabel("Seed").fill("7");
      await page.getByLabel("Seed").press("Enter");
      await page.getByText("Settings").first().click();
      await page.selectOption("label:has-text('Covariance') select", "diagonal");
      await page.getByLabel("Match parameters").uncheck();
      await page.waitForTimeout(300); // changes are gathered for a moment
      const link = page.url();
      expect(decodeURIComponent(link)).toMatch(
        /#fn=waves&seed=7&match=0&until=60&models=gmnm_24_covariance-diagonal~mlp_\d+~kan_\d+$/,
      );
      await page.getByRole("button", { name: "Play" }).click();
      const first = await ended(page);
      expect(first.step).toBe(60);
      const again = await site().page(link.slice(link.indexOf("#") + 1));
      expect(await ended(again.page)).toEqual(first);
      expect(await again.page.getByLabel("Seed").inputValue()).toBe("7");
      const other = await site().page(link.slice(link.indexOf("#") + 1).replace("seed=7", "seed=8"));
      expect((await ended(other.page)).losses).not.toEqual(first.losses);
      expect([...errors, ...again.errors, ...other.errors]).toEqual([]);
      await Promise.all([close(), again.close(), other.close()]);
    });

    test("WebGPU computes what wasm computes", async () => {
      const state = "models=gmnm_8~mlp_4&points=60&until=12&speed=fast";
      const [wasm, webgpu] = [await site().page(state), await site().page(`${state}&executor=webgpu`)];
      const [expected, found] = [await ended(wasm.page), await ended(webgpu.page)];
      for (const name of ["losses", "errors"] as const)
        for (const [i, value] of found[name].entries())
          expect(Math.abs(value / expected[name][i] - 1), `${name} ${i}`).toBeLessThan(1e-3);
      expect(await webgpu.page.textContent("body")).not.toContain("no WebGPU");
      expect([...wasm.errors, ...webgpu.errors.filter((text) => !/powerPreference|adapter/i.test(text))]).toEqual([]);
      await Promise.all([wasm.close(), webgpu.close()]);
    });

    test("a learning rate too high ends in a sentence, and the others go on", async () => {
      const { page, errors, close } = await site().page(
        "learningRate=1&models=gmnm_8~mlp_8_activation-relu_depth-4&until=300&speed=fast&decay=0&fn=formula&formula=900*x*x*x",
      );
      await ended(page);
      expect(errors).toEqual([]);
      await close();
    });

    test("the page has time for 55 frames per second while it trains", async () => {
      const { page, close } = await site().page("speed=fast");
      await page.waitForSelector("[data-testid=step][data-playing=true]");
      await page.waitForTimeout(500);
      // What the page's thread computes, not what it waits for: the machine may have other things to do.
      const metrics = await page.context().newCDPSession(page);
      await metrics.send("Performance.enable", { timeDomain: "threadTicks" });
      const busy = async () => {
        const { metrics: list } = await metrics.send("Performance.getMetrics");
        return 1000 * list.find(({ name }) => name === "TaskDuration")!.value;
      };
      const before = await busy();
      const { frames, seconds } = await page.evaluate(
        () =>
          new Promise<{ frames: number; seconds: number }>((resolve) => {
            const began = performance.now();
            let frames = 0;
            const next = () => {
              frames++;
              if (performance.now() - began < 2000) requestAnimationFrame(next);
              else resolve({ frames, seconds: (performance.now() - began) / 1000 });
            };
            requestAnimationFrame(next);
          }),
      );
      const perFrame = ((await busy()) - before) / frames;
      console.log(
        `while training: ${(frames / seconds).toFixed(0)} frames per second, ${perFrame.toFixed(1)} ms of the page's thread each`,
      );
      expect(perFrame).toBeLessThan(1000 / 55);
      expect(frames / seconds).toBeGreaterThan(20);
      await close();
    });
  });
}
