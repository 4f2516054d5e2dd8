import { writeAtomic } from "../io/index.ts";
import { formatNumber } from "../plot/numbers.ts";
import { loadRun, predictFile, type RunPrediction } from "../run/use-run.ts";
import { type OutputColumn, writeCsv } from "../table/index.ts";
import { progressBar } from "./bar.ts";
import type { PredictOptions } from "./commands/use.ts";
import { UsageError } from "./usage.ts";

/** Predicts the rows of a file. */
export async function predictCommand(path: string, file: string | undefined, options: PredictOptions): Promise<void> {
  const { out, json = false, novelty = false } = options;
  const run = await loadRun(path);
  if (file === undefined) throw new UsageError(`name a table to predict: gmnm predict ${path} FILE.csv`);
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
  for (const warning of predicted.warnings) console.error(`note: ${warning}`);
  if (novelty && run.summary.novelty && !json) {
    const usual = formatNumber(run.summary.novelty.reference);
    console.error(`note: 99 % of the rows it was trained on have a novelty below ${usual}`);
  }
  const columns = columnsOf(predicted);
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
