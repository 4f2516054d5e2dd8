// The portable part of reading: text in pieces → columns.
import { CsvReader, type CsvRecord, countLineEnds, PIECE } from "../data/csv.ts";
import { GmnmError, quote } from "../errors.ts";
import { ColumnBuilder } from "./column-builder.ts";
import { NotText, refuseZeros, TextPieces } from "./decode-text.ts";
import { type Dialect, detectDialect } from "./dialect.ts";
import { count, type Table } from "./table.ts";

/** Options of {@link parseTable} and `readTable`. */
export type TableOptions = {
  /** "," ";" "\t" "|", or " " for runs of blanks and tabs. Default: found from the beginning of the file. */
  delimiter?: string;
  /** The sign before a fraction, "." or ",". Default: "," where a file that does not separate by commas has such numbers and no others. */
  decimal?: "." | ",";
  /** Whether the first line names the columns; without names they are `column 1`, `column 2`, … Default "auto". */
  header?: "auto" | boolean;
  /** Names of the columns to keep. Default all. */
  columns?: readonly string[];
};

/** As many as a spreadsheet has. */
export const MAX_COLUMNS = 2 ** 14;
/** Characters that the dialect is found from. */
const SAMPLE = 2 ** 16;

/** Makes a table of text that comes in pieces. */
export class TableReader {
  readonly #source: string;
  readonly #options: TableOptions;
  #pieces: TextPieces | undefined;
  #sample = "";
  #csv: CsvReader | undefined;
  #dialect: Dialect | undefined;
  /** One for each field; undefined where the column is not wanted. */
  #builders: (ColumnBuilder | undefined)[] | undefined;
  #firstLine = 0;
  #lines = new Uint32Array(1024);
  #rows = 0;

  /** @param source - the name of the file, for messages. */
  constructor(source: string, options: TableOptions = {}) {
    this.#source = source;
    this.#options = options;
  }

  /** @throws GmnmError, one sentence with line and column, for what is not a table. */
  push(piece: string | Uint8Array): void {
    const text = this.#decode(piece);
    if (this.#csv) this.#take(this.#csv.push(text));
    else {
      this.#sample += text;
      if (this.#sample.length >= SAMPLE) this.#begin(false);
    }
  }

  /** @throws GmnmError as {@link push}, and where there are no rows. */
  end(): Table {
    if (this.#pieces) this.push(this.#decode(undefined)); // the last character may be cut off
    if (!this.#csv) this.#begin(true);
    this.#take(this.#csv!.end());
    if (!this.#builders) throw new GmnmError(`${this.#source} is empty`);
    if (this.#rows === 0) throw new GmnmError(`${this.#source} has a header but no rows`);
    return {
      source: this.#source,
      rows: this.#rows,
      columns: this.#builders.filter((builder) => builder !== undefined).map((builder) => builder.end()),
      lines: this.#lines.slice(0, this.#rows),
    };
  }

  #begin(isWhole: boolean): void {
    const { delimiter, decimal, header = "auto" } = this.#options;
    const known = { delimiter, decimal, header: header === "auto" ? undefined : header };
    this.#dialect = detectDialect(this.#sample.slice(0, SAMPLE), isWhole && this.#sample.length <= SAMPLE, known);
    this.#csv = new CsvReader(this.#source, this.#dialect.delimiter);
    const sample = this.#sample;
    this.#sample = "";
    for (let at = 0; at < sample.length; at += PIECE) this.#take(this.#csv.push(sample.slice(at, at + PIECE)));
  }

  #take(records: readonly CsvRecord[]): void {
    for (const record of records) {
      if (!this.#builders) {
        this.#firstLine = record.line;
        this.#builders = this.#columns(record);
        if (this.#dialect!.header) continue;
      }
      this.#takeRow(record, this.#builders);
    }
  }

  #takeRow({ line, fields }: CsvRecord, builders: readonly (ColumnBuilder | undefined)[]): void {
    if (fields.length !== builders.length) {
      const first = this.#dialect!.header ? "the header" : `line ${this.#firstLine}`;
      throw new GmnmError(
        `${this.#source}, line ${line}: ${count(fields.length, "field")}, and ${first} has ${builders.length}`,
      );
    }
    for (let j = 0; j < fields.length; j++) builders[j]?.push(fields[j]);
    if (this.#rows === this.#lines.length) {
      this.#lines = new Uint32Array(this.#lines.buffer.transfer(4 * Math.ceil(1.5 * this.#rows)));
    }
    this.#lines[this.#rows++] = line;
  }

  #columns({ line, fields }: CsvRecord): (ColumnBuilder | undefined)[] {
    const { columns } = this.#options;
    if (fields.length > MAX_COLUMNS) {
      throw new GmnmError(`${this.#source}, line ${line}: ${fields.length} columns, more than ${MAX_COLUMNS}`);
    }
    const names = fields.map((field, j) => (this.#dialect!.header && field !== "" ? field : `column ${j + 1}`));
    checkNames(names, `${this.#source}, line ${line}`);
    const missing = columns?.find((name) => !names.includes(name));
    if (missing !== undefined) throw new GmnmError(`${this.#source} has no column ${quote(missing)}`);
    return names.map((name) =>
      !columns || columns.includes(name) ? new ColumnBuilder(name, this.#dialect!.decimal) : undefined,
    );
  }

  #decode(piece: string | Uint8Array | undefined): string {
    try {
      if (typeof piece === "string") return refuseZeros(piece);
      if (!this.#pieces && piece?.[0] === 0x50 && piece[1] === 0x4b && piece[2] === 3 && piece[3] === 4) {
        throw new GmnmError(`${this.#source} is a zip archive, as Excel's files are; save the table as CSV`);
      }
      this.#pieces ??= new TextPieces();
      return this.#pieces.decode(piece);
    } catch (error) {
      if (!(error instanceof NotText)) throw error;
      const line = (this.#csv?.line ?? 1 + countLineEnds(this.#sample)) + error.linesBefore;
      throw new GmnmError(`${this.#source}, line ${line}: ${error.message}`);
    }
  }
}

function checkNames(names: readonly string[], place: string): void {
  const seen = new Map<string, number>();
  names.forEach((name, j) => {
    const before = seen.get(name);
    if (before !== undefined) {
      throw new GmnmError(`${place}: columns ${before + 1} and ${j + 1} are both called ${quote(name)}`);
    }
    if (name === "__proto__") {
      throw new GmnmError(`${place}, column ${j + 1}: "__proto__" cannot be the name of a column; rename it`);
    }
    seen.set(name, j);
  });
}

/**
 * A table from the text of a CSV file. Delimiter, decimal sign and header are found; see docs/tables.md.
 *
 * @param options - besides: `source`, the name of the file, for messages. Default "table".
 *
 * @example
 * ```ts
 * const table = parseTable("age,city\n31,Bonn\n54,Graz\n");
 * ```
 * @throws GmnmError, one sentence with line and column, for text that is not a table.
 */
export function parseTable(
  text: string,
  { source = "table", ...options }: TableOptions & { source?: string } = {},
): Table {
  const reader = new TableReader(source, options);
  for (let at = 0; at < text.length; at += PIECE) reader.push(text.slice(at, at + PIECE));
  return reader.end();
}
