import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readTar } from "../../src/data/tar.ts";
import { GmnmError } from "../../src/errors.ts";
import { folderOf } from "./folder.ts";
import { encodeTar } from "./tar.ts";

const read = (bytes: Uint8Array) => [...readTar(bytes, "f.tar")].map(({ name, contents }) => [name, [...contents]]);

test("files are read as they were written; folders and links are passed over", () => {
  const archive = encodeTar([
    ["a/", new Uint8Array(0), "5"],
    ["a/one", Uint8Array.of(1, 2, 3)],
    ["a/link", new Uint8Array(0), "2"],
    ["a/empty", new Uint8Array(0)],
    ["a/block", new Uint8Array(512).fill(7)],
  ]);
  expect(read(archive)).toEqual([
    ["a/one", [1, 2, 3]],
    ["a/empty", []],
    ["a/block", new Array(512).fill(7)],
  ]);
});

test("what tar itself packs is read", () => {
  const long = `${"folder-with-a-long-name/".repeat(5)}file`; // more than the 100 bytes of the first field
  const folder = folderOf({ [`x/${long}`]: "inside", "x/b": "B" });
  execFileSync("tar", ["--format=ustar", "-cf", join(folder, "x.tar"), "-C", folder, "x"]);
  const found = Object.fromEntries(
    [...readTar(readFileSync(join(folder, "x.tar")), "x.tar")].map((f) => [f.name, f.contents]),
  );
  expect(Object.keys(found).sort()).toEqual(["x/b", `x/${long}`]);
  expect(Buffer.from(found[`x/${long}`]).toString()).toBe("inside");
});

const archive = encodeTar([["name", Uint8Array.of(1, 2, 3)]]);
const changed = (at: number, byte: number) => Uint8Array.from(archive).with(at, byte);

test.each([
  ["nothing", new Uint8Array(0), "it ends at byte 0 without a closing block"],
  ["no closing block", archive.subarray(0, 1024), "it ends at byte 1024 without a closing block"],
  ["a cut file", archive.subarray(0, 514), "the file at byte 512 should have 3 bytes, and 2 follow"],
  ["a changed name", changed(0, 65), "the header at byte 0 does not have the sum it should have"],
  ["text", new TextEncoder().encode("hello ".repeat(100)), "the header at byte 0 does not have the sum it should have"],
])("%s is refused", (_, bytes, sentence) => {
  expect(() => read(bytes)).toThrow(`gmnm: f.tar is not a whole tar archive: ${sentence}`);
});

test("a size that is no number is refused", () => {
  const header = archive.slice(0, 512);
  header.set(new TextEncoder().encode("9".repeat(11)), 124);
  header.fill(0x20, 148, 156);
  header.set(
    new TextEncoder().encode(
      `${header
        .reduce((a, b) => a + b)
        .toString(8)
        .padStart(6, "0")}\0 `,
    ),
    148,
  );
  expect(() => read(header)).toThrow("the header at byte 0 does not say how long its file is");
});

test("archives of random bytes, and with bytes changed, are read or refused", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 1200 }),
    fc.array(fc.tuple(fc.nat(archive.length - 1), fc.nat(255)), { maxLength: 3 }).map((changes) => {
      const copy = Uint8Array.from(archive);
      for (const [at, byte] of changes) copy[at] = byte;
      return copy;
    }),
  );
  fc.assert(
    fc.property(bytes, (found) => {
      try {
        for (const { contents } of readTar(found, "f")) expect(contents.length).toBeLessThanOrEqual(found.length);
      } catch (error) {
        expect(error).toBeInstanceOf(GmnmError);
      }
    }),
    { numRuns: 1000 },
  );
});
