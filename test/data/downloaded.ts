import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { type DownloadOptions, download } from "../../src/data/download.ts";
import { GmnmError } from "../../src/errors.ts";
import { folderOf } from "./folder.ts";

export const contents = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) % 251);
export const sha256 = createHash("sha256").update(contents).digest("hex");
export const known = { sha256, bytes: contents.length };

/** Downloads to a new folder, which may hold a part already. */
export async function get(addresses: string[], options: DownloadOptions = { known }, part?: Uint8Array) {
  const folder = folderOf(part ? { "file.part": part } : {});
  const path = join(folder, "file");
  const error = await download(addresses, path, { pause: 1, ...options }).catch((e) => e);
  if (error !== undefined) expect(error).toBeInstanceOf(GmnmError);
  const read = (name: string) => (existsSync(name) ? new Uint8Array(readFileSync(name)) : undefined);
  return { message: error?.message as string | undefined, file: read(path), part: read(`${path}.part`), path };
}
