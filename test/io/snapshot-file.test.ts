import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { snapshotFile } from "../../src/io/snapshot-file.ts";
import { type FitOptions, fit } from "../../src/train/fit.ts";
import { base, cutAfter, data, layer } from "../train/cut-off.ts";
import { Cut } from "../train/snapshots.ts";

describe("snapshotFile", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "gmnm-snapshot-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("errors name the file", async () => {
    const path = join(folder, "cut.snapshot");
    const options = (extra: FitOptions = {}) => ({ ...base, snapshots: snapshotFile(path, { every: 1 }), ...extra });
    await expect(fit(layer, data, options({ callbacks: [cutAfter(3)] }))).rejects.toThrow(Cut);
    await expect(fit(layer, data, options({ seed: 3, callbacks: [{}] }))).rejects.toThrow(
      `gmnm: ${path} is of another training (seed: 0 there, 3 here); remove it to train anew`,
    );
    writeFileSync(path, readFileSync(path).subarray(0, 1000));
    await expect(fit(layer, data, options())).rejects.toThrow(`gmnm: ${path} is damaged: its 1000 bytes do not`);
    writeFileSync(path, "");
    await expect(fit(layer, data, options())).rejects.toThrow(`gmnm: ${path} is not a snapshot of a training`);
    const nowhere = join(folder, "none", "a.snapshot");
    await expect(fit(layer, data, options({ snapshots: snapshotFile(nowhere) }))).rejects.toThrow(
      `gmnm: cannot write ${nowhere}: no such file or folder`,
    );
    await expect(fit(layer, data, options({ snapshots: snapshotFile(folder) }))).rejects.toThrow(
      `gmnm: cannot read ${folder}: it is a folder`,
    );
  });

  test("what killed writes left beside the file goes, and nothing else", async () => {
    const path = join(folder, "left.snapshot");
    const uuid = "0f8fad5b-d9cb-469f-a165-70867728950e";
    const others = [`left.snapshot.tmp`, `right.snapshot.${uuid}.tmp`, `left.snapshot.${uuid}.tmp.txt`];
    for (const name of [`left.snapshot.${uuid}.tmp`, ...others]) writeFileSync(join(folder, name), "half");
    expect(await snapshotFile(path).load()).toBeUndefined();
    const left = readdirSync(folder).filter((name) => /left|right/.test(name));
    expect(left.sort()).toEqual(others.sort());
  });
});
