import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { load } from "../../src/io/file.ts";
import { linear } from "../../src/nn/linear.ts";
import { fit } from "../../src/train/fit.ts";
import { breather, onInterrupt } from "../../src/train/interrupt.ts";
import { predict } from "../../src/train/predict.ts";
import { line, waves } from "./examples.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gmnm-interrupt-"));
});
afterAll(() => rmSync(folder, { recursive: true }));
const script = fileURLToPath(new URL("fixtures/fit-until-interrupted.ts", import.meta.url));

/** Starts the script, presses Ctrl-C once it trains, and waits for the end. */
async function interrupted(...args: string[]) {
  const child = spawn(process.execPath, [script, ...args]);
  let [output, errors] = ["", ""];
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  const closed = once(child, "close");
  await once(child.stdout, "data");
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  child.kill("SIGINT");
  const [code, signal] = await closed;
  return { code, signal, output, errors };
}

// Windows has no SIGINT to send to another process: kill() ends it there.
describe.runIf(process.platform !== "win32")("Ctrl-C", () => {
  test("ends the training well: the model is kept, and the process goes on", async () => {
    const path = join(folder, "model.safetensors");
    const { code, output, errors } = await interrupted(path);
    expect({ code, errors }).toEqual({ code: 0, errors: "" });
    const result = JSON.parse(output);
    expect(result.stopped).toBe("interrupted");
    expect(result.epochs).toBeGreaterThanOrEqual(1);
    expect(Number.isFinite(result.loss)).toBe(true);
    const { data } = await predict(await load(path), waves(10).x);
    expect(data.every(Number.isFinite)).toBe(true);
  });

  test("in the middle of a long epoch ends it after the step", async () => {
    const { code, output } = await interrupted(join(folder, "long"), "1", "500000");
    expect(code).toBe(0);
    const result = JSON.parse(output);
    expect(result).toMatchObject({ stopped: "interrupted", epochs: 1, loss: expect.any(Number) });
    expect(result.step).toBeLessThan(0.9 * Math.floor(500_000 / 64));
  });
});

test("a listener is there only while training", async () => {
  const before = process.listenerCount("SIGINT");
  const counts: number[] = [];
  const callbacks = [{ onEpoch: () => void counts.push(process.listenerCount("SIGINT")) }];
  await fit(linear(1, 1), line(5), { epochs: 2, callbacks });
  expect(counts).toEqual([before + 1, before + 1]);
  expect(process.listenerCount("SIGINT")).toBe(before);
});

test("the first signal asks, the second is not caught", () => {
  let asked = 0;
  const { release } = onInterrupt(() => asked++);
  const others = process.rawListeners("SIGINT").length - 1;
  process.emit("SIGINT");
  expect(asked).toBe(1);
  expect(process.listenerCount("SIGINT")).toBe(others);
  release();
});

test("a breath lets timers in, but only every so often", async () => {
  let now = performance.now();
  const clock = vi.spyOn(performance, "now").mockImplementation(() => now);
  const breathe = breather(20);
  let breaths = 0;
  for (const begun = now; now < begun + 120; now++) {
    const timer = setTimeout(() => breaths++);
    await breathe();
    clearTimeout(timer);
  }
  clock.mockRestore();
  expect(breaths).toBe(5);
});
