// What is delivered: how much, from where, and what it may do.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { ended, isReady, type Site } from "../site.ts";

const LIMIT = 250_000;

export function testDelivery(site: () => Site): void {
  describe("delivery", () => {
    test(`the first download is below ${LIMIT / 1000} kB in gzip, nothing but the page's own files, with WebGPU left for later`, async () => {
      site().requests.length = 0;
      const { page, errors, close } = await site().page("until=5");
      await ended(page);
      const files = [...new Set(site().requests)].map((path) => (path === "/" ? "index.html" : path.slice(1)));
      const sizes = files.map((file) => gzipSync(readFileSync(join(site().folder, file)), { level: 9 }).length);
      const total = sizes.reduce((sum, size) => sum + size, 0);
      console.log(`first download: ${(total / 1000).toFixed(0)} kB in gzip, ${files.length} files`);
      expect(files.length).toBeGreaterThan(3);
      expect(total).toBeLessThan(LIMIT);
      expect(files.filter((file) => /webgpu|onnx/.test(file))).toEqual([]);
      expect(errors).toEqual([]);
      await close();
    });

    test("a policy in the page allows its own files only, and no code made of text, in the worker either", async () => {
      const { page, close } = await site().page("until=1");
      await ended(page);
      const policy = await page.getAttribute('meta[http-equiv="Content-Security-Policy"]', "content");
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toContain("'unsafe-eval'");
      const attempts = async () => {
        // In a task of their own: what the test itself runs may do everything.
        const attempt = (work: () => unknown) =>
          new Promise((resolve) => setTimeout(resolve)).then(work).then(
            () => "allowed",
            () => "refused",
          );
        const answers = [() => fetch("https://example.com/"), () => new Function("return 1")()].map(attempt);
        return [await attempt(() => fetch(location.origin)), ...(await Promise.all(answers))];
      };
      const [worker] = page.workers();
      expect(await page.evaluate(attempts)).toEqual(["allowed", "refused", "refused"]);
      expect(await worker.evaluate(attempts)).toEqual(["allowed", "refused", "refused"]);
      await close();
    });

    test("works with isolation and without, from a folder deep down, with the same numbers", async () => {
      const address = await site().servedAs({ isolated: false, base: "/some/where/" });
      const state = "until=40&models=gmnm_8~kan_2";
      const [isolated, plain] = [await site().page(state), await site().page(state, { address })];
      const isolation = () => crossOriginIsolated;
      expect([await isolated.page.evaluate(isolation), await plain.page.evaluate(isolation)]).toEqual([true, false]);
      expect(await ended(plain.page)).toEqual(await ended(isolated.page));
      expect([...isolated.errors, ...plain.errors]).toEqual([]);
      await Promise.all([isolated.close(), plain.close()]);
    });

    test("trains at once, except for who asks for less motion", async () => {
      const { page, close } = await site().page("");
      await page.waitForSelector("[data-testid=step][data-playing=true]");
      await close();
      const calm = await site().page("", { reducedMotion: "reduce" });
      await isReady(calm.page);
      await calm.page.waitForTimeout(300);
      expect(await calm.page.textContent("[data-testid=step]")).toBe("0");
      await calm.close();
    });
  });
}
