import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { GmnmError, quote } from "../errors.ts";
import { writeAtomic } from "../io/atomic.ts";
import { fileError } from "../io/file-errors.ts";
import { readBytesIfThere } from "../io/read-bytes.ts";

/**
 * Where long work keeps what it has finished, so that a run that was killed need not do it again. Keys are names such as
 * "unit-07.safetensors": small letters, digits, "-", "_" and ".", at most 100, beginning with a letter or digit, not ending in ".tmp".
 */
export interface Store {
  /** What was put under a key; undefined where nothing, or nothing whole, was. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Keeps bytes, in place of those that were there. When the process is killed meanwhile, `get` gives the old ones or the new. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** A file for what changes while the work goes on, such as `snapshotFile` of a training; undefined for a store in memory. */
  path(key: string): string | undefined;
}

/** No separators, no "..": a key names a file in the store's folder and none elsewhere, on every system alike. */
const KEY = /^[a-z0-9][a-z0-9._-]{0,99}$/;
/** Names of temporary files, and on Windows those of devices, whatever follows their dot, and an ending that is dropped. */
const TAKEN = /\.tmp$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)|\.$/;

function expectKey(key: string): void {
  if (typeof key === "string" && KEY.test(key) && !TAKEN.test(key)) return;
  throw new GmnmError(`a key of a store is a name of small letters, digits, "-", "_" and ".", got ${quote(key)}`);
}

/**
 * A store that ends with the process.
 *
 * @example
 * ```ts
 * const store = memoryStore();
 * await store.put("plan.json", new TextEncoder().encode("{}"));
 * ```
 */
export function memoryStore(): Store {
  const kept = new Map<string, Uint8Array>();
  return {
    async get(key) {
      expectKey(key);
      return kept.get(key)?.slice();
    },
    async put(key, bytes) {
      expectKey(key);
      kept.set(key, bytes.slice());
    },
    path(key) {
      expectKey(key);
      return undefined;
    },
  };
}

/**
 * A store in a folder, which is made when it is needed: a file per key. Several processes may use it at once.
 *
 * @example
 * ```ts
 * const store = folderStore("runs/7/state");
 * const snapshots = snapshotFile(store.path("unit-3.snapshot")!);
 * ```
 * @throws GmnmError, one sentence, for a key that is no name, and when a file cannot be read or written.
 */
export function folderStore(folder: string): Store {
  const fileOf = (key: string) => {
    expectKey(key);
    return join(folder, key);
  };
  const path = (key: string) => {
    const file = fileOf(key);
    try {
      mkdirSync(folder, { recursive: true });
    } catch (error) {
      throw fileError("write", file, error);
    }
    return file;
  };
  return {
    path,
    get: async (key) => readBytesIfThere(fileOf(key)),
    put: async (key, bytes) => writeAtomic(path(key), bytes),
  };
}

/** Plain JSON as bytes for a store, and back. */
export const asJson = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
export const fromJson = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes));
