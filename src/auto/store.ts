/**
 * Where what has been computed is kept, by key, so that a run that was killed need not compute it again: a folder, or memory. Keys are
 * names of letters, digits, "-", "_" and "." with "/" between them.
 */
export interface Store {
  /** What was stored; undefined where nothing (whole) was. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Stores bytes in one piece: a reader sees all of them or none. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** A file for snapshots inside a unit of work; undefined for a store in memory. */
  path(key: string): string | undefined;
}

/** A store that ends with the process. */
export function memoryStore(): Store {
  const kept = new Map<string, Uint8Array>();
  return {
    get: async (key) => kept.get(key)?.slice(),
    put: async (key, bytes) => {
      kept.set(key, bytes.slice());
    },
    path: () => undefined,
  };
}
