import { MAX_BYTES, MAX_ROWS, type Table, TableError, toTable } from "./table.ts";

/** A separator that stands in the first line, outside of quotes, more often than the others. */
export function guessDelimiter(text: string): string {
  const line = text
    .slice(0, 10_000)
    .split(/\r?\n/, 1)[0]
    .replace(/"[^"]*"/g, "");
  const counts = [",", ";", "\t", "|"].map((mark) => [mark, line.split(mark).length - 1] as const);
  return counts.reduce((best, next) => (next[1] > best[1] ? next : best))[0];
}

/**
 * The table in a CSV file's bytes.
 * @throws TableError, one sentence that names the file and, where there is one, the line.
 */
export async function readCsv(name: string, bytes: Uint8Array): Promise<Table> {
  if (bytes.length === 0) throw new TableError(`${name} is empty`);
  if (bytes.length > MAX_BYTES)
    throw new TableError(
      `${name} has ${(bytes.length / 1e6).toFixed(1)} MB; the playground reads up to ${MAX_BYTES / 1e6} MB`,
    );
  const text = decode(name, bytes);
  const { parse } = await import("csv-parse/browser/esm/sync");
  try {
    const cells: string[][] = parse(text, {
      bom: true,
      delimiter: guessDelimiter(text),
      skip_empty_lines: true,
      relax_column_count: true,
      max_record_size: 100_000,
      to: MAX_ROWS + 1,
    });
    return toTable(name, cells);
  } catch (error) {
    if (error instanceof TableError) throw error;
    const { lines, message } = error as { lines?: number; message: string };
    throw new TableError(
      `${name}${lines ? `, line ${lines}` : ""}: not a CSV file (${message.split(/[:,\n]/, 1)[0].toLowerCase()})`,
    );
  }
}

/** Text in UTF-8 or, where that fails, in Latin-1; what holds zero bytes is no text. */
function decode(name: string, bytes: Uint8Array): string {
  if (bytes.includes(0)) throw new TableError(`${name} is not text: it holds zero bytes`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("latin1").decode(bytes);
  }
}
