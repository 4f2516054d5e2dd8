import { GmnmError } from "./errors.ts";
import type { ExactTensor } from "./tensor.ts";

/** The SHA-256 of bytes, as 64 hexadecimal digits. In a browser too, where the page came by https or from localhost. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const { subtle } = globalThis.crypto;
  if (!subtle) throw new GmnmError("this page can compute no hashes: browsers do that on https and localhost only");
  const digest = new Uint8Array(await subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** One hash of the names, shapes and bits of tensors. */
export async function hashTensors(tensors: Iterable<readonly [name: string, ExactTensor]>): Promise<string> {
  const lines: string[] = [];
  for (const [name, { data, shape }] of tensors) {
    const bytes = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
    // Memory that threads share is not hashed, but a copy of it is.
    lines.push(
      JSON.stringify([name, shape, await sha256(bytes.buffer instanceof ArrayBuffer ? bytes : bytes.slice())]),
    );
  }
  return hashText(lines.join("\n"));
}

/** The hash of a text. */
export const hashText = (text: string): Promise<string> => sha256(new TextEncoder().encode(text));
