import { basename } from "node:path";
import { type ReadOptions, readDataFile } from "./file.ts";
import { knownFile } from "./known.ts";
import { decodeSeries, type TimeSeries } from "./series.ts";

/**
 * A series from a CSV file, see {@link decodeSeries}. A file named like one of ETT or the exchange rates must be the one that was published.
 *
 * @example
 * ```ts
 * const { columns, values } = readSeries("data/ett/ETTh1.csv"); // 17,420 rows of 7
 * ```
 * @throws GmnmError, one sentence that names the file and the line.
 */
export function readSeries(file: string, { check = true }: ReadOptions = {}): TimeSeries {
  const name = basename(file);
  const known = check ? (knownFile("ett", name) ?? knownFile("exchange-rate", name)) : undefined;
  const { bytes, path } = readDataFile(file, known);
  return decodeSeries(new TextDecoder().decode(bytes), path);
}
