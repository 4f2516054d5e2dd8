import { type DecimalSign, isMissing, parseNumber } from "./cell.ts";
import { parseDate } from "./dates.ts";
import type { CellKind, TableColumn } from "./table.ts";

/** Different words kept per column, and their characters in all: beyond, a word is only known to be another one. Bounds memory; our choice. */
export const MAX_WORDS = 2 ** 16;
const MAX_CHARACTERS = 2 ** 24;

/** What stands for all words beyond {@link MAX_WORDS}. */
export const OTHER_WORDS = "…";

/** A column that grows by one cell at a time, in 8 bytes per cell and, once there are words or dates, 4 more. */
export class ColumnBuilder {
  readonly #name: string;
  readonly #decimal: DecimalSign;
  #rows = 0;
  #values = new Float64Array(1024);
  #codes: Uint32Array<ArrayBuffer> | undefined;
  readonly #words = new Map<string, number>();
  #characters = 0;
  readonly #counts = { number: 0, date: 0, word: 0, missing: 0 };
  readonly #first: { -readonly [K in CellKind]?: number } = {};

  constructor(name: string, decimal: DecimalSign) {
    this.#name = name;
    this.#decimal = decimal;
  }

  push(field: string): void {
    const row = this.#rows++;
    if (row === this.#values.length) this.#resize(Math.ceil(1.5 * row));
    const number = parseNumber(field, this.#decimal);
    if (number !== undefined) this.#set(row, "number", number, 0);
    else if (isMissing(field)) this.#set(row, "missing", Number.NaN, 0);
    else {
      const date = parseDate(field);
      if (date !== undefined) this.#set(row, "date", date, 1);
      else this.#set(row, "word", Number.NaN, 2 + this.#codeOf(field));
    }
  }

  /** The column, in arrays of its length. */
  end(): TableColumn {
    this.#resize(this.#rows);
    return {
      name: this.#name,
      values: this.#values,
      codes: this.#codes,
      words: [...this.#words.keys()],
      counts: this.#counts,
      first: this.#first,
    };
  }

  #set(row: number, kind: CellKind, value: number, code: number): void {
    this.#values[row] = value;
    if (code > 0) this.#codes ??= new Uint32Array(this.#values.length);
    if (this.#codes) this.#codes[row] = code;
    this.#counts[kind]++;
    this.#first[kind] ??= row;
  }

  #codeOf(word: string): number {
    const known = this.#words.get(word);
    if (known !== undefined) return known;
    const isFull = this.#words.size >= MAX_WORDS || this.#characters + word.length > MAX_CHARACTERS;
    const kept = isFull ? OTHER_WORDS : word;
    const code = this.#words.get(kept) ?? this.#words.size;
    if (!this.#words.has(kept)) this.#words.set(kept, code);
    this.#characters += isFull ? 0 : word.length;
    return code;
  }

  /** Moves, where the allocator can, instead of copying: the old array is gone at once. */
  #resize(length: number): void {
    this.#values = new Float64Array(this.#values.buffer.transfer(8 * length));
    if (this.#codes) this.#codes = new Uint32Array(this.#codes.buffer.transfer(4 * length));
  }
}
