import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findData } from "../../src/cli/data-folder.ts";

/** A new folder with these files in it. */
export function folderOf(files: Record<string, string | Uint8Array>): string {
  const folder = mkdtempSync(join(tmpdir(), "gmnm-data-"));
  for (const [name, contents] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), contents);
  }
  return folder;
}

/** The folder of real data, which is not part of the project. */
export const realData = findData(undefined);

/** What a title says of tests that need files which are not there. */
export const whySkipped = (there: boolean): string => (there ? "" : " (skipped: no data files at hand)");

/** The bytes of an IDX file. */
export function encodeIdx(shape: readonly number[], data: ArrayLike<number>, type = 8): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + data.length);
  bytes.set([0, 0, type, shape.length]);
  const view = new DataView(bytes.buffer);
  shape.forEach((side, i) => {
    view.setUint32(4 + 4 * i, side);
  });
  bytes.set(data, 4 + 4 * shape.length);
  return bytes;
}
