import { readFile, stat } from "node:fs/promises";
import { GmnmError } from "../errors.ts";
import { fileError } from "./file-errors.ts";

/**
 * The bytes of a file.
 * @throws GmnmError, one sentence that names the path, for what is not a file with something in it.
 */
export async function readBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const found = await stat(path);
    // A device or a pipe might never end.
    if (!found.isFile())
      throw new GmnmError(`cannot read ${path}: it is ${found.isDirectory() ? "a folder" : "not a file"}`);
    if (found.size === 0) throw new GmnmError(`cannot read ${path}: it is empty`);
    return await readFile(path);
  } catch (error) {
    throw fileError("read", path, error);
  }
}

/** The same, or undefined where there is nothing of that name. */
export async function readBytesIfThere(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await readBytes(path);
  } catch (error) {
    if (((error as Error).cause as NodeJS.ErrnoException | undefined)?.code === "ENOENT") return undefined;
    throw error;
  }
}
