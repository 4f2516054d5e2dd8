// Separated values, RFC 4180: fields in quotes may hold separators, line ends and doubled quotes. The reading is csv-parse's, a piece of
// whole records at a time (its synchronous parser on pieces is quicker than its stream); where a piece may end, and the line in every
// message, are ours.
import { CsvError, parse } from "#csv-parse";
import { GmnmError } from "../errors.ts";

/** One record and the line it begins on, counted from 1. */
export type CsvRecord = { line: number; fields: string[] };

/** A record that is longer is a mistake, most often of quotes that are never closed; it would have to be held whole. */
export const MAX_RECORD = 2 ** 20;

/**
 * Reads separated values from text that comes in pieces. Lines with nothing on them are left out, and so are blanks around fields, except
 * in quotes.
 *
 * @example
 * ```ts
 * const reader = new CsvReader("ages.csv");
 * for await (const piece of pieces) for (const { line, fields } of reader.push(piece)) console.log(line, fields);
 * for (const { line, fields } of reader.end()) console.log(line, fields);
 * ```
 */
export class CsvReader {
  readonly #source: string;
  readonly #delimiter: string;
  #rest = "";
  #line = 1;
  #begun = false;
  /** Whether the end of what was pushed lies in quotes. */
  #inQuotes = false;

  /**
   * @param source - the name of the file, for messages.
   * @param delimiter - one character; a blank stands for any run of blanks and tabs, such as columns are set in. Default a comma.
   */
  constructor(source: string, delimiter = ",") {
    this.#source = source;
    this.#delimiter = delimiter;
  }

  /**
   * The records that are whole with this piece.
   * @throws GmnmError with line and field, for quotes that stand in the middle of a field, and records longer than {@link MAX_RECORD}.
   */
  push(text: string): CsvRecord[] {
    if (!this.#begun && text.startsWith("\ufeff")) text = text.slice(1); // a byte order mark
    this.#begun ||= text !== "";
    for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) this.#inQuotes = !this.#inQuotes;
    const all = this.#rest + text;
    const end = lastLineEnd(all, this.#inQuotes);
    if (all.length - end > MAX_RECORD) this.#refuseLong(all.slice(end), all.slice(0, end));
    this.#rest = all.slice(end);
    return this.#parse(all.slice(0, end));
  }

  /**
   * The last records.
   * @throws GmnmError as {@link push}, and for quotes that are never closed.
   */
  end(): CsvRecord[] {
    const last = this.#parse(this.#rest);
    this.#rest = "";
    return last;
  }

  /** The line on which the next piece goes on. */
  get line(): number {
    return this.#line + countLineEnds(this.#rest);
  }

  #parse(text: string): CsvRecord[] {
    if (text === "") return [];
    const [plain, delimiter] = this.#delimiter === " " ? [blanksToTabs(text), "\t"] : [text, this.#delimiter];
    let found: Parsed[];
    try {
      found = parse(plain, { ...OPTIONS, delimiter }) as unknown as Parsed[];
    } catch (error) {
      throw error instanceof CsvError ? this.#explain(error, plain) : error;
    }
    const hasQuotes = text.includes('"');
    let line = this.#line; // of the record, had there been no empty lines before it in this piece
    const records: CsvRecord[] = [];
    for (const { record, info } of found) {
      records.push({ line: line + info.empty_lines, fields: record });
      line += hasQuotes ? 1 + lineEndsWithin(record) : 1;
    }
    this.#line += countLineEnds(text);
    return records;
  }

  /** Where csv-parse stopped, in lines of the file. It counts the two characters of a Windows line end in quotes as two lines. */
  #explain(error: CsvError, text: string): GmnmError {
    const { bytes, column } = error as unknown as { bytes: number; column: number };
    const before = new TextDecoder().decode(new TextEncoder().encode(text).subarray(0, bytes));
    const blank = column === 0 ? (EMPTY_LINES.exec(text.slice(before.length))?.[0] ?? "") : "";
    const line = this.#line + countLineEnds(before) + countLineEnds(blank);
    const problem =
      error.code === "CSV_QUOTE_NOT_CLOSED" ? "its quotes are never closed" : "quotes in the middle of a field";
    return new GmnmError(`${this.#source}, line ${line}, field ${column + 1}: ${problem}`, { cause: error });
  }

  /** What is too long is parsed all the same: a quote in the wrong place, which swallowed the rest, makes the better message. */
  #refuseLong(rest: string, before: string): never {
    this.#parse(before);
    const line = this.#line;
    try {
      this.#parse(rest);
    } catch (cause) {
      const closed = (cause as { cause?: CsvError }).cause?.code !== "CSV_QUOTE_NOT_CLOSED";
      if (closed || !(cause instanceof GmnmError)) throw cause;
      throw new GmnmError(`${cause.message.replace("gmnm: ", "")} within ${MAX_RECORD} characters`, { cause });
    }
    throw new GmnmError(`${this.#source}, line ${line}: a record of more than ${MAX_RECORD} characters`);
  }
}

type Parsed = { record: string[]; info: { empty_lines: number } };

const OPTIONS = {
  info: true,
  record_delimiter: ["\r\n", "\n", "\r"],
  relax_column_count: true, // readers say themselves what is ragged
  skip_empty_lines: true,
  trim: true,
};

/**
 * Reads comma-separated values, see {@link CsvReader}.
 *
 * @param source - the name of the file, for messages.
 * @throws GmnmError with the line, for quotes that stand in the middle of a field or are never closed.
 */
export function* parseCsv(text: string, source: string): Generator<CsvRecord> {
  const reader = new CsvReader(source);
  for (let at = 0; at < text.length; at += PIECE) yield* reader.push(text.slice(at, at + PIECE));
  yield* reader.end();
}

/** Characters: where csv-parse is quickest. */
export const PIECE = 2 ** 16;

const LINE_END = /\r\n|\n|\r/g;
const EMPTY_LINES = /^(?:[ \t]*(?:\r\n|\n|\r))+/;

/** How many lines end in a text. */
export const countLineEnds = (text: string): number => text.match(LINE_END)?.length ?? 0;

const lineEndsWithin = (fields: readonly string[]): number =>
  fields.reduce((sum, field) => (field.includes("\n") || field.includes("\r") ? sum + countLineEnds(field) : sum), 0);

/** Behind the last line end that is not in quotes: up to there all records are whole. 0 where there is none. */
function lastLineEnd(text: string, inQuotes: boolean): number {
  let to = text.length - 1;
  for (let end = lineEndBefore(text, to); end >= 0; inQuotes = !inQuotes) {
    const quote = text.lastIndexOf('"', to);
    if (!inQuotes && end > quote) return end + 1;
    if (quote <= 0) return 0;
    to = quote - 1;
    if (end > to) end = lineEndBefore(text, to);
  }
  return 0;
}

/** A carriage return at the very end may be the first half of a Windows line end, and does not count. */
function lineEndBefore(text: string, to: number): number {
  const carriage = to === text.length - 1 ? to - 1 : to;
  return Math.max(text.lastIndexOf("\n", to), carriage < 0 ? -1 : text.lastIndexOf("\r", carriage));
}

/** Columns set in blanks, as csv-parse can separate them; what is in quotes stays. */
function blanksToTabs(text: string): string {
  const lines = text.replace(/^[ \t]+|[ \t]+$/gm, "");
  return lines.replace(/"(?:[^"]|"")*"|[ \t]+/g, (found) => (found[0] === '"' ? found : "\t"));
}
