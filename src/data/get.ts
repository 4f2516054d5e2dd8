import { existsSync, statSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { GmnmError, reasonOf } from "../errors.ts";
import { writeAtomic } from "../io/atomic.ts";
import { fileError } from "../io/file-errors.ts";
import { type DownloadOptions, download } from "./download.ts";
import { checkHashes, comparableHashes, readDataFile, unpack, unpackedFolder } from "./file.ts";
import { allFiles, type KnownDataset, type KnownFile, knownDatasets } from "./known.ts";
import { readTar } from "./tar.ts";

/** What is known of a file on the disk: its contents are those published; only its size is, for nobody published a hash; or what is wrong. */
type FileState = { state: "missing" | "right" | "unchecked" } | { state: "wrong"; problem: string };

/** Looks at a file of a data set, which may lie there packed or not. */
function fileState(folder: string, file: KnownFile): FileState {
  const plain = join(folder, file.name.replace(/\.gz$/, ""));
  const packed = !existsSync(plain);
  const path = packed ? `${plain}.gz` : plain;
  if (!existsSync(path)) return { state: "missing" };
  try {
    readDataFile(plain, file);
  } catch (error) {
    if (!(error instanceof GmnmError)) throw error;
    return { state: "wrong", problem: reasonOf(error) };
  }
  const { sha256, md5 } = comparableHashes(file, packed);
  if (sha256 ?? md5) return { state: "right" };
  const { size } = statSync(path);
  const expected = path.endsWith(file.name) ? (file.bytes ?? size) : size;
  if (size !== expected) return { state: "wrong", problem: `${path} has ${size} bytes, expected ${expected}` };
  return { state: "unchecked" };
}

/** How every file of a data set is, in a folder of data sets; of a subset only where it is there. */
export function datasetStates(known: KnownDataset, data: string): ({ file: string } & FileState)[] {
  const folder = folderOf(known, data);
  const states = allFiles(known).map((file) => ({ file: file.name, ...fileState(folder, file) }));
  return states.filter(({ file, state }) => file !== known.subset?.name || state !== "missing");
}

const folderOf = ({ folder, archive }: KnownDataset, data: string): string =>
  unpackedFolder(join(data, folder), archive?.folder);

/** Options of {@link getDataset}. */
export type GetOptions = {
  /** Where the files are instead of where the table says: an address to which a file's name is added. */
  source?: string;
  /** Told which file comes next, and how it goes. */
  onFile?: (name: string) => DownloadOptions["onProgress"];
  pause?: number;
};

/**
 * Downloads what a data folder lacks of a known data set, checks it, and unpacks what comes as an archive.
 *
 * @returns the folder of the data set, and the names of the files that are new.
 * @throws GmnmError for a name that is not known, a file that cannot be had, and a file there that is not the one that was published.
 */
export async function getDataset(
  name: string,
  data: string,
  options: GetOptions = {},
): Promise<{ folder: string; got: string[] }> {
  const known = datasetNamed(name);
  const folder = folderOf(known, data);
  const missing = known.files.filter((file) => {
    const found = fileState(folder, file);
    if (found.state === "wrong") throw new GmnmError(`${found.problem}; remove it to download it anew`);
    return found.state === "missing";
  });
  if (missing.length === 0) return { folder, got: [] };
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw fileError("write", folder, error);
  }
  if (known.archive) await getArchive(known.archive, missing, folder, known, options);
  else for (const file of missing) await getFile(file, folder, known, options);
  return { folder, got: missing.map((file) => file.name) };
}

/** @throws GmnmError, with the names there are. */
export function datasetNamed(name: string): KnownDataset {
  if (!Object.hasOwn(knownDatasets, name)) {
    throw new GmnmError(`there is no data set "${name}"; there are ${Object.keys(knownDatasets).join(", ")}`);
  }
  return knownDatasets[name];
}

async function getFile(file: KnownFile, folder: string, known: KnownDataset, options: GetOptions): Promise<void> {
  const sources = options.source === undefined ? known.sources : [options.source.replace(/\/*$/, "/")];
  const addresses = sources.map((source) => `${source}${file.name}`);
  try {
    const onProgress = options.onFile?.(file.name);
    await download(addresses, join(folder, file.name), { known: file, onProgress, pause: options.pause });
  } catch (error) {
    if (!(error instanceof GmnmError)) throw error;
    const sentence = reasonOf(error);
    throw new GmnmError(`${sentence} (by hand: from ${known.home} into ${folder})`, { cause: error });
  }
}

/** The files are picked by their names; the archive does not stay. */
async function getArchive(
  archive: NonNullable<KnownDataset["archive"]>,
  files: readonly KnownFile[],
  folder: string,
  known: KnownDataset,
  options: GetOptions,
): Promise<void> {
  const path = join(folder, archive.name);
  if (!existsSync(path)) await getFile(archive, folder, known, options);
  const packed = await readFile(path).catch((error) => {
    throw fileError("read", path, error);
  });
  checkHashes(path, packed, archive);
  const wanted = new Map(files.map((file) => [`${archive.folder}/${file.name}`, file]));
  for (const { name, contents } of readTar(unpack(path, packed), path)) {
    const file = wanted.get(name);
    if (!file) continue;
    if (contents.length !== (file.bytes ?? contents.length)) {
      throw new GmnmError(`${name} in ${path} has ${contents.length} bytes, expected ${file.bytes}`);
    }
    await writeAtomic(join(folder, file.name), contents);
    wanted.delete(name);
  }
  if (wanted.size > 0) throw new GmnmError(`there is no ${[...wanted.keys()].join(", ")} in ${path}`);
  await rm(path);
}
