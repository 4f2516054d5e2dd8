// Comma-separated values, RFC 4180: fields in quotes may hold commas, line ends and doubled quotes. Our own, for a library of this size is
// not among our dependencies, and we want the line in every message.
import { GmnmError } from "../errors.ts";

/** A field as it stands in a message: quoted, and never longer than a line. */
export const quoteField = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);

/** One record and the line it begins on, counted from 1. */
export type CsvRecord = { line: number; fields: string[] };

/**
 * Reads comma-separated values; lines with nothing on them are left out.
 *
 * @param source - the name of the file, for messages.
 * @throws GmnmError with the line, for quotes that stand in the middle of a field or are never closed.
 */
export function* parseCsv(text: string, source: string): Generator<CsvRecord> {
  const fail = (problem: string) => new GmnmError(`${source}, line ${line}, field ${fields.length + 1}: ${problem}`);
  let at = text.startsWith("\ufeff") ? 1 : 0; // a byte order mark
  let line = 1;
  let first = 1;
  let fields: string[] = [];
  let isEmpty = true;
  while (at < text.length || fields.length > 0) {
    const quoted = text[at] === '"';
    const to = quoted ? closingQuote(text, at) : endOfPlain(text, at);
    if (to === undefined) throw fail("its quotes are never closed");
    const value = quoted ? text.slice(at + 1, to).replaceAll('""', '"') : text.slice(at, to);
    at = quoted ? to + 1 : to;
    const end = text.startsWith("\r\n", at) ? "\r\n" : text.slice(at, at + 1);
    if (!ENDS.includes(end)) throw fail("quotes in the middle of a field");
    fields.push(value);
    isEmpty &&= !quoted && value === "" && end !== ",";
    line += value.split(LINE_END).length - 1;
    at += end.length;
    if (end === ",") continue;
    if (!isEmpty) yield { line: first, fields };
    line++;
    [first, fields, isEmpty] = [line, [], true];
    if (end === "") break;
  }
}

const LINE_END = /\r\n|\n|\r/;
const ENDS = [",", "\r\n", "\n", "\r", ""];

/** Where the quotes that open here are closed: the next that are not doubled. */
function closingQuote(text: string, open: number): number | undefined {
  for (let at = text.indexOf('"', open + 1); at >= 0; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at;
  }
  return undefined;
}

const plain = /[^",\r\n]*/y;

function endOfPlain(text: string, from: number): number {
  plain.lastIndex = from;
  plain.exec(text);
  return plain.lastIndex;
}
