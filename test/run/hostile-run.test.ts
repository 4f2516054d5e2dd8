// What lies in a run folder may have been written by anybody: it is read, or refused in one sentence, and costs no memory.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { checkConfig } from "../../src/run/config.ts";
import { FILES, openRun, RunFolder, readChecked } from "../../src/run/folder.ts";
import { inspectionSchema } from "../../src/run/inspection.ts";
import { loadRun } from "../../src/run/load-run.ts";
import { readSummary } from "../../src/run/summary.ts";
import { gmnmHere, scratch, writeConfig, writeHouses } from "./small-run.ts";

const folder = scratch();
const run = join(folder, "run");

beforeAll(async () => {
  writeHouses(join(folder, "houses.csv"));
  writeConfig(join(folder, "config.json"), join(folder, "houses.csv"), "price");
  const { status, stderr } = await gmnmHere(["fit", "--config", join(folder, "config.json"), "--out", run]);
  if (status !== 0) throw new Error(stderr);
}, 120_000);

/** A sentence, or nothing; anything else is a fault of ours. */
async function readOrRefused(read: () => unknown): Promise<"read" | "refused"> {
  try {
    await read();
    return "read";
  } catch (error) {
    expect(error).toBeInstanceOf(GmnmError);
    expect((error as Error).message).not.toContain("\n");
    return "refused";
  }
}

const json = (name: keyof typeof FILES) => JSON.parse(readFileSync(join(run, FILES[name]), "utf8"));

/** A document with one of its values, somewhere, changed to any other. */
const damaged = (document: unknown): fc.Arbitrary<unknown> => {
  const places: (string | number)[][] = [];
  const walk = (node: unknown, path: (string | number)[]) => {
    if (path.length > 0) places.push(path);
    if (typeof node === "object" && node !== null)
      for (const [key, child] of Object.entries(node)) walk(child, [...path, key]);
  };
  walk(document, []);
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(-1, 0, 1e9, 1e308, 0.5, "", "__proto__", null, [], {}, undefined),
    fc.string({ unit: "binary" }),
  );
  return fc.tuple(fc.constantFrom(...places), value).map(([path, other]) => {
    const copy = structuredClone(document) as Record<string, unknown>;
    const parent = path.slice(0, -1).reduce((node, key) => node[key] as Record<string, unknown>, copy);
    parent[path[path.length - 1]] = other;
    return JSON.parse(JSON.stringify(copy));
  });
};

test("3000 configs: half are any JSON, half a config with one value changed", async () => {
  const config = json("config");
  expect(config.plans.gmnm.candidates.length).toBeGreaterThan(0);
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.jsonValue(), damaged(config)), async (document) => {
      await readOrRefused(() => checkConfig(document, "config.json"));
    }),
    { numRuns: 3000 },
  );
  expect(
    await readOrRefused(() => checkConfig(JSON.parse('{"__proto__": 1, "file": "a", "target": ["b"]}'), "c")),
  ).toBe("refused");
});

test("what describes no layer is refused where it stands, whatever it holds", () => {
  const deep = JSON.parse(`${'{"type":"sequential","layers":['.repeat(1e4)}${"]}".repeat(1e4)}`);
  for (const [layer, sentence] of [
    [{ type: "constructor" }, "type must be one of"],
    [
      { type: "gmnm", inFeatures: 11, outFeatures: 1, rank: { toString: false } },
      "rank of gmnm must be a whole number",
    ],
    [{ type: "linear", inFeatures: 1e9, outFeatures: 1e9 }, "a layer of at most 10000000 numbers"],
    [deep, "must be the description of a layer"],
  ] as const) {
    const config = json("config");
    config.plans.gmnm.candidates[0].config = layer;
    expect(() => checkConfig(config, "config.json")).toThrow(GmnmError);
    expect(() => checkConfig(config, "config.json")).toThrow(sentence);
    expect(() => checkConfig(config, "config.json")).toThrow("candidates.0.config");
  }
});

test("3000 summaries, inspections and preprocessings", async () => {
  const readers = {
    summary: (path: string) => readSummary(path),
    inspection: (path: string) => readChecked(path, inspectionSchema),
  };
  const path = join(folder, "document.json");
  for (const [name, read] of Object.entries(readers)) {
    const document = json(name as keyof typeof readers);
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.jsonValue(), damaged(document)), async (other) => {
        writeFileSync(path, JSON.stringify(other) ?? "");
        await readOrRefused(() => read(path));
      }),
      { numRuns: 1500 },
    );
  }
});

test("every file of a run cut at many places: one sentence that names it", async () => {
  const copy = join(folder, "copy");
  mkdirSync(copy, { recursive: true });
  const names = ["config", "summary", "preprocessing", "model"] as const;
  for (const name of names) writeFileSync(join(copy, FILES[name]), readFileSync(join(run, FILES[name])));
  expect(await readOrRefused(() => loadRun(copy))).toBe("read");
  for (const name of names) {
    const path = join(copy, FILES[name]);
    const bytes = readFileSync(path);
    for (let i = 0; i < 40; i++) {
      writeFileSync(path, bytes.subarray(0, Math.floor((i / 40) * (bytes.length - 2))));
      await expect(loadRun(copy)).rejects.toThrow(FILES[name]);
    }
    writeFileSync(path, bytes);
  }
});

test("names of folders do not lead elsewhere, and what is no run is said to be none", async () => {
  await expect(openRun(join(folder, "nowhere"))).rejects.toThrow("no such folder");
  await expect(openRun(folder)).resolves.toBeDefined(); // it holds a config.json, which is all a run needs to be begun
  expect(new RunFolder(run).isFinished).toBe(true);
  expect(new RunFolder(folder).isFinished).toBe(false);
});
