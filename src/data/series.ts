import { GmnmError, quote } from "../errors.ts";
import { parseCsv } from "./csv.ts";

/** Several quantities measured at the same times: values (dates.length, columns.length), row-major. */
export type TimeSeries = {
  readonly dates: readonly string[];
  readonly columns: readonly string[];
  readonly values: Float32Array<ArrayBuffer>;
};

/** What JavaScript takes for a number besides, such as 0x1F or nothing at all, is a mistake in a table. */
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * A series from the text of a CSV file: a header, then per line a date and one number for each column. ETT and the other files of the
 * long-term forecasting papers have this form. Dates are kept as they are written.
 *
 * @param source - the name of the file, for messages.
 * @throws GmnmError, one sentence with the line and the column, for what is not a number.
 */
export function decodeSeries(text: string, source: string): TimeSeries {
  const records = parseCsv(text, source);
  const header = records.next();
  if (header.done) throw new GmnmError(`${source} is empty; it should begin with a header`);
  const columns = header.value.fields.slice(1);
  if (columns.length === 0) {
    throw new GmnmError(
      `${source}, line 1: the header should name a date and at least one column, got ${quote(header.value.fields[0])}`,
    );
  }
  const dates: string[] = [];
  const values: number[] = [];
  for (const { line, fields } of records) {
    if (fields.length !== columns.length + 1) {
      throw new GmnmError(`${source}, line ${line}: ${fields.length} fields, and the header has ${columns.length + 1}`);
    }
    dates.push(fields[0]);
    columns.forEach((column, j) => {
      const word = fields[j + 1].trim();
      const value = Math.fround(Number(word));
      if (!(DECIMAL.test(word) && Number.isFinite(value))) {
        throw new GmnmError(`${source}, line ${line}, column ${quote(column)}: ${quote(word)} is not a number`);
      }
      values.push(value);
    });
  }
  if (dates.length === 0) throw new GmnmError(`${source} has a header but no rows`);
  return { dates, columns, values: Float32Array.from(values) };
}

/** Consecutive rows of a series, from `from` up to but not including `to`. */
export function sliceSeries({ dates, columns, values }: TimeSeries, from: number, to: number): TimeSeries {
  const width = columns.length;
  return { dates: dates.slice(from, to), columns, values: values.slice(from * width, to * width) };
}
