import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rm, stat } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { setTimeout } from "node:timers/promises";
import { GmnmError } from "../errors.ts";
import { moveIntoPlace } from "../io/atomic.ts";
import { fileError } from "../io/file-errors.ts";
import { httpGet } from "./http-get.ts";
import type { Hashes } from "./known.ts";

/** Options of {@link download}. */
export type DownloadOptions = {
  /** What the file should be. */
  known?: Hashes & { readonly bytes?: number };
  /** Called as bytes arrive; the total is unknown where the server does not say. */
  onProgress?: (received: number, total: number | undefined) => void;
  /** Milliseconds before a connection that broke off is tried again. Default 1000. */
  pause?: number;
};

const ATTEMPTS = 5;
/** Where it is not known how long a file is, it is not longer than this. */
const MAX_BYTES = 2 ** 30;

/** This source cannot give the file; another may. */
class SourceError extends Error {
  isUnreachable = false;
}
/** This source may give the rest of the file when it is asked again. */
class Interruption extends Error {}

/**
 * Downloads a file from the first of several addresses that gives it. What has arrived lies in PATH.part, and is gone on with after a
 * connection broke, in this run or the next, where a hash will tell whether the pieces belong together. The file has its name only when it
 * is whole, on the disk, and the one it should be.
 *
 * @throws GmnmError, one sentence with what each address had to say.
 */
export async function download(
  addresses: readonly string[],
  path: string,
  options: DownloadOptions = {},
): Promise<void> {
  const problems: SourceError[] = [];
  for (const address of addresses) {
    try {
      await downloadFrom(address, path, options);
      return;
    } catch (error) {
      if (!(error instanceof SourceError)) throw fileError("write", path, error);
      problems.push(error);
    }
  }
  const question = problems.every(({ isUnreachable }) => isUnreachable) ? "; is there a network?" : "";
  throw new GmnmError(`cannot download ${path}: ${problems.map(({ message }) => message).join("; ")}${question}`);
}

async function downloadFrom(address: string, path: string, options: DownloadOptions): Promise<void> {
  const { known = {}, pause = 1000 } = options;
  const part = `${path}.part`;
  const resumes = known.sha256 !== undefined || known.md5 !== undefined;
  let last = "";
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt > 0) await setTimeout(pause);
    const had = resumes ? await lengthOf(part) : 0;
    try {
      if (had === 0 || had !== known.bytes) await fetchRest(address, part, had, options);
    } catch (error) {
      if (!(error instanceof Interruption)) throw error;
      last = error.message;
      continue;
    }
    const problem = await mismatch(part, known);
    if (problem === undefined) return await moveIntoPlace(part, path);
    await rm(part, { force: true });
    // Pieces may be of different files: the whole is fetched anew.
    if (had === 0) throw new SourceError(`what ${address} sends is not the file that was published: ${problem}`);
    last = problem;
  }
  const rest = resumes ? `; ${await lengthOf(part)} bytes are in ${part}, from where the next download goes on` : "";
  throw new SourceError(`${address} broke off ${ATTEMPTS} times, at last with "${last}"${rest}`);
}

/** Appends to the part what comes after its first `had` bytes; or replaces it, when the server sends the whole. */
async function fetchRest(address: string, part: string, had: number, { known = {}, onProgress }: DownloadOptions) {
  const response = await request(address, had);
  const { statusCode: status = 0, statusMessage = "", headers } = response;
  if (status === 416 || (status === 206 && !headers["content-range"]?.startsWith(`bytes ${had}-`))) {
    response.destroy();
    await rm(part, { force: true });
    throw new Interruption(`no bytes from ${had} on`);
  }
  if (status < 200 || status > 299) {
    response.destroy();
    throw new SourceError(`${address} answers ${status} ${statusMessage}`.trimEnd());
  }
  let received = status === 206 ? had : 0;
  const declared = headers["content-length"];
  const total = declared === undefined ? known.bytes : received + Number(declared);
  const limit = known.bytes ?? MAX_BYTES;
  const file = await open(part, received > 0 ? "a" : "w");
  try {
    for await (const chunk of chunksOf(response)) {
      received += chunk.length;
      if (received > limit) break;
      await file.appendFile(chunk);
      onProgress?.(received, total);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  if (received > limit) {
    await rm(part, { force: true });
    throw new SourceError(`${address} sends more than the ${limit} bytes that the file may have`);
  }
  if (total !== undefined && received < total) throw new Interruption(`${received} of ${total} bytes`);
}

/** What happens to connections that were there; anything else will be no better the next time. */
const BROKEN = ["ECONNRESET", "EPIPE", "ETIMEDOUT"];

async function request(address: string, from: number): Promise<IncomingMessage> {
  try {
    return await httpGet(address, { "accept-encoding": "identity", ...(from > 0 && { range: `bytes=${from}-` }) });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== undefined && BROKEN.includes(code)) throw new Interruption(code, { cause: error });
    const unreachable = new SourceError(`${address} cannot be reached (${code ?? message})`, { cause: error });
    unreachable.isUnreachable = true;
    throw unreachable;
  }
}

/** A body whose end before its time is an interruption. */
async function* chunksOf(body: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Interruption(code ?? message, { cause: error });
  }
}

/** What is wrong with a file; undefined when it is what was published. */
async function mismatch(path: string, known: NonNullable<DownloadOptions["known"]>): Promise<string | undefined> {
  const bytes = await lengthOf(path);
  if (bytes !== (known.bytes ?? bytes)) return `${bytes} bytes, expected ${known.bytes}`;
  for (const algorithm of ["sha256", "md5"] as const) {
    const expected = known[algorithm];
    if (expected === undefined) continue;
    const hash = createHash(algorithm);
    for await (const chunk of createReadStream(path)) hash.update(chunk);
    const found = hash.digest("hex");
    if (found !== expected) return `${algorithm === "md5" ? "MD5" : "SHA-256"} ${found}, expected ${expected}`;
  }
  return undefined;
}

const lengthOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );
