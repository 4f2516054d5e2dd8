import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { linear } from "../../src/nn/linear.ts";
import { lbfgs } from "../../src/optim/lbfgs.ts";
import { sgd } from "../../src/optim/sgd.ts";
import { earlyStopping } from "../../src/train/callbacks.ts";
import { type FitOptions, fit } from "../../src/train/fit.ts";
import { line } from "./examples.ts";

let written = "";
const isTTY = process.stderr.isTTY;
beforeEach(() => {
  written = "";
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    written += text;
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  process.stderr.isTTY = isTTY;
});

const show = async (options: FitOptions) => {
  await fit(linear(1, 1), line(10), { progress: "auto", ...options }).catch(() => {});
  return written.split("\n").slice(0, -1);
};

describe("elsewhere than on a terminal", () => {
  beforeEach(() => {
    process.stderr.isTTY = false;
  });

  test("a line for the first epoch and for every tenth of the run", async () => {
    const lines = await show({ epochs: 50 });
    expect(lines).toHaveLength(11);
    expect(lines[0]).toMatch(/^epoch 1\/50: loss \d\.\d{3}e[+-]\d+ \(\d+\.\d s\)$/);
    expect(lines.map((text) => Number(/^epoch (\d+)/.exec(text)![1]))).toEqual([
      1, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50,
    ]);
  });

  test("short runs: a line per epoch", async () => {
    expect(await show({ epochs: 3 })).toHaveLength(3);
  });

  test("the last validation loss, and why a run ended early", async () => {
    const lines = await show({
      epochs: 100,
      optimizer: sgd({ learningRate: 1e-9 }),
      validation: 0.2,
      callbacks: [earlyStopping({ patience: 3, minDelta: 1 })],
    });
    expect(lines[0]).toMatch(/^epoch 1\/100: loss \S+, validation \d\.\d{3}e[+-]\d+ \(/);
    expect(lines.at(-1)).toBe("training ended after epoch 4: early stopping");
  });

  test("a run that converged, and one that failed", async () => {
    expect((await show({ optimizer: lbfgs() })).at(-1)).toMatch(/^training ended after epoch \d+: converged$/);
    expect((await show({ optimizer: sgd({ learningRate: 1e38 }) })).at(-1)).toMatch(/after epoch \d+: failed$/);
  });

  test("false prints nothing, and so does the default", async () => {
    expect(await show({ epochs: 3, progress: false })).toEqual([]);
    await fit(linear(1, 1), line(10), { epochs: 3 });
    expect(written).toBe("");
  });
});

describe("on a terminal", () => {
  beforeEach(() => {
    process.stderr.isTTY = true;
  });
  const cursor = { hidden: "\u001B[?25l", shown: "\u001B[?25h" };

  test.each<[string, FitOptions]>([
    ["completes", { epochs: 5 }],
    ["fails", { epochs: 50, optimizer: sgd({ learningRate: 1e38 }) }],
  ])("a run that %s leaves the cursor as it was", async (_, options) => {
    await show(options);
    expect(written).toContain(cursor.hidden);
    expect(written.lastIndexOf(cursor.shown)).toBeGreaterThan(written.lastIndexOf(cursor.hidden));
    expect(written).toMatch(/\d\/\d+ · loss \d\.\d{3}e[+-]\d+ · validation –/);
  });

  test("a run without epochs shows nothing and ends", async () => {
    expect(await show({ epochs: 0 })).toEqual([]);
  });
});
