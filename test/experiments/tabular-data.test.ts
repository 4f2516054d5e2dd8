import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { hasTables, readTable, tableNames } from "../../experiments/tabular/data.ts";
import { findData } from "../../src/cli/data-folder.ts";

const data = findData(undefined);

describe("tables", () => {
  it("are generated where there are no files", () => {
    expect(hasTables(undefined)).toBe(false);
    expect(tableNames(undefined)).toEqual(["Friedman #1", "Friedman #2"]);
    const { features, target, splits } = readTable("Friedman #1", undefined);
    expect([features.length, features[0].length, target.length, splits.length]).toEqual([1000, 10, 1000, 5]);
    for (const { train, test } of splits) expect(new Set([...train, ...test]).size).toBe(1000);
  });

  it("with other contents than they should have are refused by name and hash", () => {
    const folder = mkdtempSync(join(tmpdir(), "gmnm-"));
    for (const name of ["concrete", "energy"]) {
      mkdirSync(join(folder, "tabular", "uci", name), { recursive: true });
      writeFileSync(join(folder, "tabular", "uci", name, "data.txt"), "1 2 3\n");
    }
    expect(hasTables(folder)).toBe(true);
    expect(() => readTable("concrete", folder)).toThrow(
      /data\.txt is not the file that was published: SHA-256 [0-9a-f]{64}, expected 43d2/,
    );
  });

  // The files are not part of the project; the title says so where they are missing.
  it.skipIf(!hasTables(data))(
    `have their published sizes and splits${hasTables(data) ? "" : " (skipped: no data files at hand)"}`,
    () => {
      const concrete = readTable("concrete", data);
      expect([concrete.features.length, concrete.features[0].length]).toEqual([1030, 8]);
      const energy = readTable("energy", data);
      expect([energy.features.length, energy.features[0].length]).toEqual([768, 8]);
      for (const { train, test } of concrete.splits) {
        expect(test).toHaveLength(103);
        expect(new Set([...train, ...test]).size).toBe(1030);
      }
    },
  );
});
