import { readFile, stat } from "node:fs/promises";
import { GmnmError } from "../errors.ts";
import { fileError } from "./file-errors.ts";

/**
 * The bytes of a file.
 * @throws GmnmError, one sentence that names the path, for what is not a file with something in it.
 */
export async function readBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const bytes = await readAll(path);
    if (bytes.length === 0) throw new GmnmError(`cannot read ${path}: it is empty`);
    return bytes;
  } catch (error) {
    throw fileError("read", path, error);
  }
}

/** The bytes of a file, perhaps none; undefined where there is nothing of that name. */
export async function readBytesIfThere(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await readAll(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw fileError("read", path, error);
  }
}

async function readAll(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const found = await stat(path);
  // A device or a pipe might never end.
  if (!found.isFile())
    throw new GmnmError(`cannot read ${path}: it is ${found.isDirectory() ? "a folder" : "not a file"}`);
  return readFile(path);
}
