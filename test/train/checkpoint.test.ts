import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CheckpointOptions, checkpoint } from "../../src/io/checkpoint.ts";
import { load } from "../../src/io/file.ts";
import { gmnm } from "../../src/nn/gmnm.ts";
import { linear } from "../../src/nn/linear.ts";
import { adam } from "../../src/optim/adam.ts";
import { namedTensors, type ParamTensors } from "../../src/params.ts";
import { tensor } from "../../src/tensor.ts";
import { fit } from "../../src/train/fit.ts";
import { evaluate } from "../../src/train/predict.ts";
import type { Callback } from "../../src/train/run.ts";
import { waves } from "./examples.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gmnm-checkpoint-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const layer = linear(1, 1, { bias: false });
const none = [undefined, undefined];

/** The epochs whose parameters were saved, of a training with these losses. */
async function savedEpochs(
  losses: (number | undefined)[],
  options: CheckpointOptions,
  validates = true,
  callback?: Callback,
) {
  const path = join(folder, "epochs.safetensors");
  const saver = callback ?? checkpoint(layer, path, options);
  const saved: number[] = [];
  rmSync(path, { force: true });
  for (const [i, loss] of losses.entries()) {
    const epoch = i + 1;
    const run = {
      epochs: losses.length,
      validates,
      params: async (): Promise<ParamTensors> => ({ weights: tensor([epoch], [1, 1]) }),
      keep: () => {},
      stop: () => {},
    };
    const record = validates ? { loss: 1, validationLoss: loss } : { loss: loss! };
    await saver.onEpoch!({ epoch, step: epoch, seconds: 0, ...record }, run);
    if (!existsSync(path)) continue;
    const [[, weights]] = namedTensors((await load(path)).params);
    if (weights.data[0] === epoch) saved.push(epoch);
  }
  return saved;
}

describe("checkpoint", () => {
  test.each<[string, CheckpointOptions, (number | undefined)[], boolean, number[]]>([
    ["every epoch", {}, [1, 2, 3], true, [1, 2, 3]],
    ["every third epoch", { every: 3 }, [1, 1, 1, 1, 1, 1, 1], true, [3, 6]],
    ["the best by validation", { best: true }, [5, 6, 4, 4, Number.NaN, 3], true, [1, 3, 6]],
    ["the best by training loss", { best: true }, [5, 6, 4, 4, 3], false, [1, 3, 5]],
    ["only epochs with validation compared", { best: true }, [undefined, 5, undefined, 4], true, [2, 4]],
    ["the best of every second epoch", { best: true, every: 2 }, [1, 5, 1, 4, 1, 6], true, [2, 4]],
    [
      "validation every third, every second wanted",
      { best: true, every: 2 },
      [...none, 5, ...none, 4, ...none, 3],
      true,
      [3, 6, 9],
    ],
  ])("saves %s", async (_, options, losses, validates, expected) => {
    expect(await savedEpochs(losses, options, validates)).toEqual(expected);
  });

  test("begins anew with another training", async () => {
    const callback = checkpoint(layer, join(folder, "epochs.safetensors"), { best: true });
    expect(await savedEpochs([1, 2], {}, true, callback)).toEqual([1]);
    expect(await savedEpochs([9, 8], {}, true, callback)).toEqual([1, 2]);
  });

  test("the file of a training holds its best model", async () => {
    const path = join(folder, "best.safetensors");
    const [mixture, held] = [gmnm(2, 1, { numComponents: 16 }), waves(60, 8)];
    const { history } = await fit(mixture, waves(12), {
      optimizer: adam({ learningRate: 0.1 }),
      epochs: 80,
      validation: held,
      callbacks: [checkpoint(mixture, path, { best: true })],
    });
    const best = Math.min(...history.map(({ validationLoss }) => validationLoss!));
    expect((await evaluate(await load(path), held)).rmse ** 2).toBeCloseTo(best, 6);
  });

  test("a file that cannot be written ends the training with its name", async () => {
    const path = join(folder, "missing", "model");
    await expect(fit(layer, { x: [1], y: [1] }, { callbacks: [checkpoint(layer, path)] })).rejects.toThrow(
      `gmnm: cannot write ${path}: no such file or folder`,
    );
  });

  test.each([0, -1, 1.5, Number.NaN])("every %d epochs is refused", (every) => {
    expect(() => checkpoint(layer, "model", { every })).toThrow(
      `gmnm: every must be a whole number of epochs above 0, got ${every}`,
    );
  });

  // Windows refuses to replace a file that a killed process still holds open.
  test.runIf(process.platform !== "win32")("4 kills in the middle of training leave a whole model each", async () => {
    const path = join(folder, "killed.safetensors");
    const script = fileURLToPath(new URL("fixtures/fit-with-checkpoints.ts", import.meta.url));
    for (let kill = 0; kill < 4; kill++) {
      const child = spawn(process.execPath, [script, path]);
      const closed = once(child, "close");
      await once(child.stdout, "data");
      await new Promise((resolve) => setTimeout(resolve, 7 * kill));
      child.kill("SIGKILL");
      await closed;
      const model = await load(path);
      expect(Number.isFinite((await evaluate(model, waves(20))).rmse)).toBe(true);
    }
  });
});
