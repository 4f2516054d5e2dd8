// Every example runs as a reader would run it, in a process and a folder of its own, and prints what it promises.
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const examples = join(import.meta.dirname, "../examples");
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gmnm-examples-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** What an example prints. */
async function run(name: string): Promise<string> {
  const child = promisify(execFile)(process.execPath, ["--conditions=gmnm-source", join(examples, name)], {
    cwd: folder,
    timeout: 25_000,
  });
  return (await child).stdout;
}

/** The numbers that follow a text in an output, one per occurrence. */
const numbersAfter = (text: string, output: string) =>
  output
    .split(text)
    .slice(1)
    .map((rest) => Number.parseFloat(rest.trimStart()));

/** One test per example: what its output must show. */
const checks: Record<string, (output: string) => Promise<void> | void> = {
  async "01-fit-a-function.ts"(output) {
    expect(numbersAfter("root mean squared error:", output)[0]).toBeLessThan(0.02);
    const [predicted] = numbersAfter("at (0.5, 0):", output);
    expect(Math.abs(predicted - Math.sin(1.5))).toBeLessThan(0.05);
    expect(await readdir(folder)).toContain("model.safetensors");
  },
  "02-solve-poisson.ts"(output) {
    expect(numbersAfter("relative L2 error:", output)[0]).toBeLessThan(0.02);
  },
  "03-inside-an-mlp.ts"(output) {
    const scores = numbersAfter("R² on held-out rows", output);
    expect(scores).toHaveLength(3);
    for (const score of scores) expect(score).toBeGreaterThan(0.9);
  },
  async "04-see-the-components.ts"(output) {
    expect(numbersAfter("dead components:", output)).toEqual([0]);
    expect(output).toMatch(/^weight (0\.9|1\.0)\d at \(0\.5\d?, 0\.5\d?\)/m); // a hill
    expect(output).toMatch(/^weight -0\.[789]\d at \(0\.1\d?, -0\.5\d?\)/m); // the valley
    const png = await readFile(join(folder, "components.png"));
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    expect(png.length).toBeGreaterThan(10_000);
  },
  "05-images-in-batches.ts"(output) {
    expect(output).toContain("4000 images to train on, 1000 to test on, generated\n");
    expect(numbersAfter("test accuracy:", output)[0]).toBeGreaterThan(0.7);
  },
};

describe("prints its result", () => {
  test.each(Object.keys(checks))("%s", async (name) => checks[name](await run(name)));
});

test("every example is checked and fits on a page", async () => {
  const names = (await readdir(examples)).filter((name) => name.endsWith(".ts"));
  expect(names).toEqual(Object.keys(checks));
  for (const name of names) {
    const lines = (await readFile(join(examples, name), "utf8")).trimEnd().split("\n");
    expect(lines.length, name).toBeLessThan(60);
  }
});

test("the README's example is the first one", async () => {
  const readme = await readFile(join(examples, "../README.md"), "utf8");
  const block = /```ts\n([\s\S]*?)```/.exec(readme)?.[1];
  const source = await readFile(join(examples, "01-fit-a-function.ts"), "utf8");
  expect(block).toBe(source.replace(/^\/\/.*\n/, ""));
});
