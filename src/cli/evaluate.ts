import type { ForecastEvaluation } from "../auto/index.ts";
import { formatNumber } from "../plot/numbers.ts";
import { type Judged, scoresOf } from "../run/judge.ts";
import { isSeriesRun, isTableRun, loadRun, type TableRun } from "../run/load-run.ts";
import { confusionCounts } from "../run/scores.ts";
import { judgeFile } from "../run/use-run.ts";
import { judgeSeries } from "../run/use-series-run.ts";
import { measureName, showScore } from "../run/words.ts";
import { progressBar } from "./bar.ts";
import { textTable } from "./table.ts";

/** Compares predictions with the truth in a file. */
export async function evaluateCommand(path: string, file: string, { json = false }: { json?: boolean }): Promise<void> {
  const run = await loadRun(path);
  if (isSeriesRun(run)) {
    printForecast(await judgeSeries(run, file), json);
    return;
  }
  if (!isTableRun(run)) return;
  const bar = progressBar({ quiet: json });
  try {
    const found = await judgeFile(run, file, { onRead: (read, total) => bar.update("reading", read / total) });
    bar.end();
    const scores = scoresOf(found.judged);
    const confusion = confusionOf(run, found.judged);
    const result = { task: run.summary.task, n: found.rows, ...scores, ...(confusion && { confusion }) };
    if (json) {
      console.log(JSON.stringify(result));
      return;
    }
    console.log(
      textTable(
        ["measure", "value"],
        Object.entries(scores).map(([key, value]) => [measureName(key), showScore(key, value)]),
      ),
    );
    if (confusion) {
      const { classes, counts } = confusion;
      console.log(
        `\n${textTable(
          ["true \\ predicted", ...classes],
          counts.map((row, i) => [classes[i], ...row.map(String)]),
        )}`,
      );
    }
    const without = found.withoutTarget > 0 ? `; ${found.withoutTarget} without a target are left out` : "";
    console.log(`\n${found.rows.toLocaleString("en")} rows${without}`);
  } finally {
    bar.end();
  }
}

function confusionOf({ preprocessing: { target } }: TableRun, judged: Judged) {
  if (judged.kind !== "classes" || target.kind !== "classes") return undefined;
  const counts = confusionCounts(judged.probabilities, judged.truth, target.classes.length);
  return { classes: target.classes, counts };
}

function printForecast(found: ForecastEvaluation, json: boolean): void {
  if (json) {
    console.log(JSON.stringify(found));
    return;
  }
  const { targets, horizon, origins } = found;
  const lines = targets.flatMap(({ name, model, naive, seasonalNaive }) =>
    [
      ["model", model],
      ["last value", naive],
      ["last season", seasonalNaive],
    ].flatMap(([label, errors]) => {
      if (errors === undefined || typeof errors === "string") return [];
      return [[name, String(label), ...[errors.rmse, errors.mae, errors.mase].map(formatNumber)]];
    }),
  );
  console.log(textTable(["column", "forecast", "RMSE", "MAE", "MASE"], lines));
  console.log(`\n${origins.toLocaleString("en")} forecasts of ${horizon} steps`);
}
