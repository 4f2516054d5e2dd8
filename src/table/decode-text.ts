import { countLineEnds } from "../data/csv.ts";

/** What is not text says so here, with how many line ends came before it. */
export class NotText extends Error {
  /** Line ends in this piece before the fault. */
  readonly linesBefore: number;
  constructor(problem: string, before: string) {
    super(problem);
    this.linesBefore = countLineEnds(before);
  }
}

/** Decodes pieces of a file: UTF-8, or UTF-16 where a byte order mark says so, as Excel's "Unicode text". */
export class TextPieces {
  #decoder: TextDecoder | undefined;
  #encoding = "utf-8";

  /** @throws NotText for bytes that are no characters, and for zero bytes. */
  decode(bytes: Uint8Array | undefined): string {
    if (!this.#decoder) {
      this.#encoding = encodingOf(bytes ?? new Uint8Array());
      this.#decoder = new TextDecoder(this.#encoding, { fatal: true, ignoreBOM: true });
    }
    let text: string;
    try {
      text = this.#decoder.decode(bytes, { stream: bytes !== undefined });
    } catch {
      const lenient = new TextDecoder(this.#encoding).decode(bytes);
      const before = lenient.slice(0, Math.max(0, lenient.indexOf("\ufffd")));
      throw new NotText(`bytes that are not ${this.#encoding.toUpperCase()}; save the file as UTF-8`, before);
    }
    return refuseZeros(text);
  }
}

/** Text does not hold the character 0: where it is found, the file is a binary one. */
export function refuseZeros(text: string): string {
  const zero = text.indexOf("\0");
  if (zero >= 0) throw new NotText("a zero byte; this is a binary file, not a table in text", text.slice(0, zero));
  return text;
}

function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
}
