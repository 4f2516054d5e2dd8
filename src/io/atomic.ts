// Our own in place of write-file-atomic 8.0.0, which ignores how many bytes the system says it wrote: on a disk that fills up during the
// write it replaces the old file with a truncated one and reports success.
import { randomUUID } from "node:crypto";
import { open, readdir, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileError } from "./file-errors.ts";

/** How the names of temporary files end. */
const TEMPORARY = /\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;

/**
 * Writes a file so that at every moment, whatever fails and whenever the process is killed, the path holds either all of the old
 * contents or all of the new: into a temporary file beside it, flushed to the disk, then renamed.
 *
 * @example
 * ```ts
 * await writeAtomic("runs/7/config.json", JSON.stringify(config));
 * ```
 * @throws GmnmError, one sentence that names the path; the old file is then untouched.
 */
export async function writeAtomic(path: string, contents: string | Uint8Array): Promise<void> {
  try {
    const target = await realpath(path).catch(() => path); // a symbolic link stays one
    const temporary = `${target}.${randomUUID()}.tmp`;
    const mode = await stat(target).then(
      (old) => old.mode,
      () => undefined,
    );
    try {
      const file = await open(temporary, "wx", mode);
      try {
        await file.writeFile(contents);
        await file.sync();
      } finally {
        await file.close();
      }
      await moveIntoPlace(temporary, target);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  } catch (error) {
    throw fileError("write", path, error);
  }
}

/**
 * Removes what writes to a path have left beside it in processes that were killed. Only for a path to which nobody else writes now.
 */
export async function removeLeftovers(path: string): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const folder = dirname(target);
  for (const name of await readdir(folder).catch(() => []))
    if (name.startsWith(`${basename(target)}.`) && TEMPORARY.test(name)) await rm(join(folder, name), { force: true });
}

/** Gives a whole, flushed file its name, in one step: what had the name before is replaced. */
export async function moveIntoPlace(temporary: string, target: string): Promise<void> {
  await rename(temporary, target);
  await syncFolder(dirname(target));
}

/** Makes the rename itself last. Windows does not open folders and needs no help. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path).catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close();
}
