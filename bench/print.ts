import { textTable } from "../src/cli/table.ts";
import { OURS } from "./executors.ts";
import type { CaseResult, Results } from "./results.ts";

/** The results as text. */
export function resultsText({ cases, ratios, growth, coldStart, longRun }: Results): string {
  const parts = [caseTable(cases)];
  const mixtures = ratios.filter(({ peer }) => peer === "relu-mlp");
  if (mixtures.length > 0) {
    const found = mixtures.map(({ executor, ratio }) => `${digits(ratio)} (${executor})`);
    parts.push(`gmnm-mlp ÷ relu-mlp: ${found.join(", ")}`);
  }
  if (growth.length > 0) {
    const rows = growth.map(({ variable, executor, points, timeSlope, memorySlope }) => [
      `${variable} ${points[0].value}…${points.at(-1)!.value}`,
      executor,
      ...[points[0], points.at(-1)!].map(({ medianMs }) => digits(medianMs)),
      digits(points.at(-1)!.peakMB),
      ...[timeSlope, memorySlope].map((slope) => slope?.toFixed(2) ?? "–"),
    ]);
    const columns = ["gmnm layer", "executor", "ms, first", "ms, last", "MB, last", "time ∝", "memory ∝"];
    parts.push(`Growth; ∝ gives the exponent at the largest sizes\n\n${textTable(columns, rows)}`);
  }
  for (const { case: name, executor, ms, startMs } of coldStart) {
    parts.push(`Cold start of ${name}: ${digits(ms)} ms, when ${executor} has started in ${digits(startMs)} ms`);
  }
  if (longRun) {
    const { executor, steps, rssStartMB, rssEndMB } = longRun;
    parts.push(
      `${steps} steps of gmnm-small on ${executor}: ${digits(rssStartMB)} MB after 1000, ${digits(rssEndMB)} MB at the end`,
    );
  }
  return parts.join("\n\n");
}

function caseTable(cases: readonly CaseResult[]): string {
  const ours = OURS.filter((name) => cases.some(({ executor }) => executor === name));
  const medianOf = (name: string, executor: string) =>
    cases.find((one) => one.case === name && one.executor === executor)?.medianMs;
  const rows = cases.map((one) => [
    one.case,
    one.executor,
    one.setting ?? String(one.threads),
    ...[one.medianMs, one.p10Ms, one.p90Ms].map(digits),
    String(one.runs),
    ...ours.map((name) => {
      const median = medianOf(one.case, name);
      return median === undefined || name === one.executor ? "" : digits(median / one.medianMs);
    }),
  ]);
  const columns = ["case", "executor", "threads", "median", "10 %", "90 %", "runs", ...ours.map((name) => `${name} ÷`)];
  return `Milliseconds per training step\n\n${textTable(columns, rows)}`;
}

/** Three digits that count. */
const digits = (value: number): string => (value >= 1000 ? value.toFixed(0) : value.toPrecision(3));
