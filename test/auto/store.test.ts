import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { folderStore, memoryStore, type Store } from "../../src/auto/store.ts";
import { GmnmError } from "../../src/errors.ts";

let folder: string;
let count = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gmnm-store-"));
});
afterAll(() => rmSync(folder, { recursive: true }));
const newFolder = () => join(folder, String(count++), "state");

const stores: [string, () => Store][] = [
  ["memoryStore", memoryStore],
  ["folderStore", () => folderStore(newFolder())],
];

describe.each(stores)("%s", (_, make) => {
  test("what is put is got, the last of each key; nothing for other keys", async () => {
    const keys = ["a", "a.b", "unit-3.safetensors", "7_plan"];
    const write = fc.record({ key: fc.constantFrom(...keys), bytes: fc.uint8Array({ maxLength: 40 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(write, { maxLength: 8 }), async (writes) => {
        const store = make();
        const expected = new Map<string, Uint8Array>();
        for (const { key, bytes } of writes) {
          await store.put(key, bytes);
          expected.set(key, bytes);
        }
        for (const key of keys) {
          const found = await store.get(key);
          expect(found && [...found]).toEqual(expected.has(key) ? [...expected.get(key)!] : undefined);
        }
      }),
      { numRuns: 40 },
    );
  });

  test("bytes that change afterwards, outside, do not change inside", async () => {
    const store = make();
    const bytes = Uint8Array.of(1, 2, 3);
    await store.put("key", bytes);
    bytes.fill(9);
    (await store.get("key"))!.fill(8);
    expect([...(await store.get("key"))!]).toEqual([1, 2, 3]);
  });

  const wrong = [
    "",
    ".",
    "..",
    ".hidden",
    "a/b",
    "../a",
    "a\\b",
    "/etc/passwd",
    "c:x",
    "A",
    "ä",
    "a b",
    "a\n",
    "a\0b",
    "-a",
    "_a",
    "a.",
  ];
  const special = ["con", "nul.txt", "com1", "a.tmp", "a".repeat(101)];
  test.each([...wrong, ...special])("no key: %j", async (key) => {
    const store = make();
    const sentence = 'gmnm: a key of a store is a name of small letters, digits, "-", "_" and ".", got ';
    await expect(store.get(key)).rejects.toThrow(sentence);
    await expect(store.put(key, Uint8Array.of(1))).rejects.toThrow(sentence);
    expect(() => store.path(key)).toThrow(sentence);
  });
});

test("names from the prototype are keys like others", async () => {
  for (const [, make] of stores) expect(await make().get("constructor")).toBeUndefined();
});

test("2000 random keys name a file directly in the folder, or are refused", () => {
  const store = folderStore(folder);
  const part = fc.constantFrom("..", ".", "/", "\\", "a", "b.c", "~", "%2e", "\0", "con", "C:", "-", "\u202e");
  const key = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(part, { maxLength: 6 }).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(key, (name) => {
      try {
        const path = store.path(name)!;
        expect(dirname(resolve(path))).toBe(resolve(folder));
      } catch (error) {
        expect(error).toBeInstanceOf(GmnmError);
        expect((error as Error).message).not.toContain("\n");
      }
    }),
    { numRuns: 2000 },
  );
});

test("another store on the same folder finds what was put; in memory it does not, and has no files", async () => {
  const place = newFolder();
  await folderStore(place).put("plan.json", Uint8Array.of(1));
  expect(await folderStore(place).get("plan.json")).toHaveLength(1);
  expect(folderStore(place).path("plan.json")).toBe(join(place, "plan.json"));
  expect(memoryStore().path("plan.json")).toBeUndefined();
});

test("the folder of a path is there", () => {
  const path = folderStore(newFolder()).path("unit.snapshot")!;
  writeFileSync(path, "x");
});

test("a folder in the place of a file, and a file in that of the folder, are one sentence", async () => {
  const place = newFolder();
  mkdirSync(join(place, "taken"), { recursive: true });
  writeFileSync(join(place, "file"), "");
  await expect(folderStore(place).get("taken")).rejects.toThrow(/^gmnm: cannot read .*taken: it is a folder$/);
  await expect(folderStore(join(place, "file")).put("a", Uint8Array.of(1))).rejects.toThrow(
    /^gmnm: cannot write .*file/,
  );
  await expect(folderStore(join(place, "file")).get("a")).rejects.toThrow(/a part of the path is not a folder$/);
});

// Windows keeps files of killed processes open.
test.runIf(process.platform !== "win32")(
  "10 kills in the middle of putting leave whole values",
  { timeout: 60_000 },
  async () => {
    const place = newFolder();
    const store = folderStore(place);
    const script = fileURLToPath(new URL("fixtures/put-forever.ts", import.meta.url));
    for (let kill = 0; kill < 10; kill++) {
      const child = spawn(process.execPath, [script, place, String(kill)]);
      await once(child.stdout, "data");
      await new Promise((then) => setTimeout(then, 3 * kill));
      child.kill("SIGKILL");
      await once(child, "close");
      // Every value is a million bytes of one number.
      const value = (await store.get("value"))!;
      expect([value.length, new Set(value).size]).toEqual([1_000_000, 1]);
    }
    expect(readdirSync(place).every((name) => name === "value" || name.endsWith(".tmp"))).toBe(true);
  },
);
