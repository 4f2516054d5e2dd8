// Comma-separated values, RFC 4180: fields in quotes may hold commas, line ends and doubled quotes. Our own, for a library of this size is
// not among our dependencies, and we want the line in every message.
import { GmnmError } from "../errors.ts";

/** One record and the line it begins on, counted from 1. */
export type CsvRecord = { line: number; fields: string[] };

/**
 * Reads comma-separated values; lines with nothing on them are left out.
 *
 * @param source - the name of the file, for messages.
 * @throws GmnmError with the line, for quotes that stand in the middle of a field or are never closed.
 */
export function* parseCsv(text: string, source: string): Generator<CsvRecord> {
  let line = 1;
  let fields: string[] = [];
  let first = 1;
  // Each match is a field, quoted or not, and what ends it.
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y;
  field.lastIndex = text.startsWith("\ufeff") ? 1 : 0; // a byte order mark
  while (field.lastIndex < text.length || fields.length > 0) {
    const at = field.lastIndex;
    const match = field.exec(text);
    if (!match) {
      const rest = text.slice(at);
      const open = rest.startsWith('"') && !/^"(?:[^"]|"")*"/.test(rest);
      throw new GmnmError(
        `${source}, line ${line}, field ${fields.length + 1}: ${open ? "its quotes are never closed" : "quotes in the middle of a field"}`,
      );
    }
    const [whole, quoted, plain, end] = match;
    fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    line += whole.split(/\r\n|\n|\r/).length - 1;
    if (end === ",") continue;
    if (fields.length > 1 || fields[0] !== "" || quoted !== undefined) yield { line: first, fields };
    fields = [];
    first = line;
    if (end === "") break;
  }
}
