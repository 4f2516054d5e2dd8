import { writeAtomic } from "../io/index.ts";
import { formatNumber } from "../plot/numbers.ts";
import { isSeriesRun, isTableRun, loadRun } from "../run/load-run.ts";
import { predictFile, type RunPrediction } from "../run/use-run.ts";
import { forecastAfter } from "../run/use-series-run.ts";
import { type OutputColumn, writeCsv } from "../table/index.ts";
import { progressBar } from "./bar.ts";
import type { PredictOptions } from "./commands/use.ts";
import { UsageError } from "./usage.ts";

/** Predicts the rows of a file. */
export async function predictCommand(path: string, file: string | undefined, options: PredictOptions): Promise<void> {
  const { json = false, novelty = false } = options;
  const run = await loadRun(path);
  if (isSeriesRun(run)) {
    if (novelty) throw new UsageError("--novelty is for rows of a table, not for forecasts");
    const { columns, warnings } = await forecastAfter(run, file ?? run.config.file);
    await write(columns, warnings, options);
    return;
  }
  if (!isTableRun(run) || file === undefined) {
    throw new UsageError(`name a table to predict: gmnm predict ${path} FILE.csv`);
  }
  const bar = progressBar({ quiet: json });
  let predicted: RunPrediction;
  try {
    predicted = await predictFile(run, file, {
      withNovelty: novelty,
      onRead: (read, total) => bar.update("reading", read / total),
    });
  } finally {
    bar.end();
  }
  if (novelty && run.summary.novelty && !json) {
    const usual = formatNumber(run.summary.novelty.reference);
    console.error(`note: 99 % of the rows it was trained on have a novelty below ${usual}`);
  }
  await write(columnsOf(predicted), predicted.warnings, options);
}

async function write(columns: OutputColumn[], warnings: readonly string[], { json, out }: PredictOptions) {
  for (const warning of warnings) console.error(`note: ${warning}`);
  const text = json ? `${JSON.stringify(rowsOf(columns))}\n` : writeCsv(columns);
  if (out === undefined) process.stdout.write(text);
  else {
    await writeAtomic(out, text);
    console.error(`${columns[0].values.length.toLocaleString("en")} predictions are in ${out}`);
  }
}

function columnsOf({ decoded, novelty }: RunPrediction): OutputColumn[] {
  const columns: OutputColumn[] =
    decoded.kind === "numbers"
      ? decoded.columns.map(({ name, values }) => ({ name, values }))
      : [
          { name: decoded.name, values: decoded.labels },
          ...decoded.classes.map((label, c) => ({
            name: `probability of ${label}`,
            values: decoded.labels.map((_, i) => decoded.probabilities[i * decoded.classes.length + c]),
          })),
        ];
  return novelty ? [...columns, { name: "novelty", values: novelty }] : columns;
}

const rowsOf = (columns: readonly OutputColumn[]): Record<string, unknown>[] =>
  Array.from({ length: columns[0].values.length }, (_, i) =>
    Object.fromEntries(columns.map(({ name, values }) => [name, values[i]])),
  );
