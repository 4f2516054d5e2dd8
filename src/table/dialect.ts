// How a file separates its values, found from its beginning. Our choice of rules; docs/tables.md lists them.
import { CsvReader, type CsvRecord } from "../data/csv.ts";
import { type DecimalSign, isMissing, parseNumber } from "./cell.ts";
import { hasHeader } from "./header.ts";

/** How values are separated and numbers written. */
export type Dialect = {
  /** "," ";" "\t" "|", or " " for runs of blanks and tabs. */
  delimiter: string;
  decimal: DecimalSign;
  /** Whether the first record names the columns. */
  header: boolean;
};

const DELIMITERS = [",", ";", "\t", "|"];
const SAMPLED = 200;

/**
 * The dialect of a text from its beginning.
 *
 * @param sample - the first characters; a record that is cut off at the end is left out unless it is the only one.
 * @param isWhole - whether the sample is all there is.
 * @param known - what need not be found.
 */
export function detectDialect(sample: string, isWhole: boolean, known: Partial<Dialect>): Dialect {
  const read = (delimiter: string) => recordsOf(sample, isWhole, delimiter);
  const delimiter = known.delimiter ?? detectDelimiter(read);
  const rows = read(delimiter).map(({ fields }) => fields);
  const decimal = known.decimal ?? (delimiter === "," ? "." : detectDecimal(rows));
  return { delimiter, decimal, header: known.header ?? hasHeader(rows, decimal) };
}

function recordsOf(sample: string, isWhole: boolean, delimiter: string): CsvRecord[] {
  let records: CsvRecord[] = [];
  try {
    const reader = new CsvReader("", delimiter);
    records = reader.push(sample);
    if (isWhole || records.length === 0) records.push(...reader.end());
  } catch {
    if (records.length === 0) records = recordsBeforeFault(sample, delimiter); // reading the whole will name it
  }
  return records.slice(0, SAMPLED);
}

/** What a parser gives back of a piece with a fault in it is nothing; so, line by line. */
function recordsBeforeFault(sample: string, delimiter: string): CsvRecord[] {
  const records: CsvRecord[] = [];
  const reader = new CsvReader("", delimiter);
  try {
    for (const line of sample.split(/(?<=\n)/).slice(0, SAMPLED)) records.push(...reader.push(line));
  } catch {}
  return records;
}

/** The delimiter that gives most records the same number of fields, at least two, with none of the other delimiters left in them. */
function detectDelimiter(read: (delimiter: string) => CsvRecord[]): string {
  const scores = DELIMITERS.map((delimiter) => score(read(delimiter), delimiter));
  const best = scores.indexOf(Math.max(...scores));
  const blanks = read(" ");
  const isSetInBlanks = blanks.length > 0 && blanks[0].fields.length > 1 && isMatrix(blanks);
  if (scores[best] === 0) return isSetInBlanks ? " " : ",";
  // Tabs behind every number belong to a layout, as in UCI's data.txt; taken for separators they make one more, empty column.
  if (DELIMITERS[best] === "\t" && isSetInBlanks && read("\t").every(({ fields }) => fields.at(-1) === "")) return " ";
  return DELIMITERS[best];
}

function score(records: readonly CsvRecord[], delimiter: string): number {
  const lengths = new Map<number, number>();
  for (const { fields } of records) lengths.set(fields.length, (lengths.get(fields.length) ?? 0) + 1);
  const [usual, times] = [...lengths].reduce((a, b) => (b[1] > a[1] ? b : a), [0, 0]);
  if (usual < 2) return 0;
  const others = DELIMITERS.filter((other) => other !== delimiter);
  const fields = records.flatMap((record) => record.fields);
  const clean = fields.filter(
    (field) => (delimiter !== "," && parseNumber(field, ",") !== undefined) || !others.some((o) => field.includes(o)),
  );
  return (times / records.length) * (clean.length / fields.length);
}

/** Numbers in every record but perhaps the first, and everywhere as many. */
const isMatrix = (records: readonly CsvRecord[]): boolean =>
  records.every(({ fields }) => fields.length === records[0].fields.length) &&
  records.slice(records.length > 1 ? 1 : 0).every(({ fields }) => fields.every(isNumberOrMissing));

const isNumberOrMissing = (field: string): boolean =>
  parseNumber(field) !== undefined || parseNumber(field, ",") !== undefined || isMissing(field);

/** A comma, where there are numbers with a comma and none with a point. */
function detectDecimal(rows: readonly string[][]): DecimalSign {
  const isWritten = (sign: DecimalSign) =>
    rows.some((fields) => fields.some((field) => field.includes(sign) && parseNumber(field, sign) !== undefined));
  return isWritten(",") && !isWritten(".") ? "," : ".";
}
