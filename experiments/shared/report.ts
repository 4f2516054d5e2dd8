import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { arch, cpus, platform } from "node:os";
import { type Cell, htmlReport, type ReportSection } from "../../src/plot/index.ts";
import type { Comparison } from "./compare.ts";
import type { Experiment, Plan, Row } from "./experiment.ts";
import { verdictOf } from "./statistics.ts";

/** One finished experiment of a report. */
export type Finished = { experiment: Experiment; plan: Plan; comparison: Comparison; generated: boolean };

/** `1.23e-3 ± 0.04e-3` as people read it: both with the digits of the spread. */
export function formatMean({ mean, sd }: Pick<Row, "mean" | "sd">): string {
  if (!Number.isFinite(mean)) return String(mean);
  if (mean === 0 && sd === 0) return "0";
  // A mean that is small beside its spread is shown to the spread's decimals.
  const size = Math.max(Math.abs(mean), sd || 0);
  if (size >= 0.1 && size < 1000)
    return `${Math.abs(mean) < 0.1 ? mean.toFixed(2) : mean.toPrecision(3)} ± ${sd.toPrecision(2)}`;
  const exponent = Math.floor(Math.log10(size));
  const scale = 10 ** exponent;
  return `(${(mean / scale).toFixed(2)} ± ${(sd / scale).toFixed(2)})e${exponent}`;
}

/** Rows of one table: those that compete, the same task, metric, optimiser and size. */
export function groupRows(rows: readonly Row[], sizes: readonly number[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const size = sizes.reduce((best, s) => (Math.abs(s - row.parameters) < Math.abs(best - row.parameters) ? s : best));
    const key = [row.task, row.metric, row.optimizer, size].join("|");
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return groups;
}

/** The best row, and those level with it: within one standard deviation of the difference of the two means. */
export function leaders(rows: readonly Row[]): Set<Row> {
  const finite = rows.filter(({ mean }) => Number.isFinite(mean));
  if (finite.length === 0) return new Set();
  const best = finite.reduce((a, b) => (b.mean < a.mean ? b : a));
  const level = (row: Row) => row.mean - best.mean <= Math.hypot(row.sd, best.sd) / Math.sqrt(2);
  return new Set(finite.filter(level));
}

/** The difference from the best rival in words; nothing of the rival itself. */
export function verdict({ model, difference, seeds }: Row): ReturnType<typeof verdictOf> {
  if (!difference || difference.from === model) return undefined;
  return verdictOf({ ...difference, pairs: seeds });
}

/** `−0.12 ± 0.05 from ReLU: better`, or a dash where there is nothing to say. */
export function formatDifference(row: Row): string {
  const said = verdict(row);
  if (said === undefined) return "–";
  const { from, mean, sd } = row.difference!;
  return `${mean < 0 ? "−" : "+"}${formatMean({ mean: Math.abs(mean), sd })} from ${from}: ${said}`;
}

/** Every model's difference from the best rival, a column for each task; nothing where nobody competes. */
function differences(rows: readonly Row[]): ReportSection[] {
  const compared = rows.filter((row) => verdict(row) !== undefined);
  if (compared.length === 0) return [];
  const tasks = [...new Set(compared.map(({ task, optimizer }) => `${task}, ${optimizer}`))];
  const models = [...new Set(compared.map(({ model }) => model))];
  const cell = (model: string, task: string) =>
    compared.filter((row) => row.model === model && `${row.task}, ${row.optimizer}` === task);
  return [
    {
      heading: "Seed by seed",
      table: {
        caption:
          "The difference from the best model without mixtures, mean ± standard deviation over seeds; better or worse at 95 % (paired t-test).",
        columns: ["Model", ...tasks],
        rows: models.map((model) => [
          model,
          ...tasks.map((task) => cell(model, task).map(formatDifference).join("; ") || "–"),
        ]),
      },
    },
  ];
}

/** All experiments on one page. */
export function reportPage(title: string, finished: readonly Finished[], figures: readonly ReportSection[][]): string {
  const sections = finished.flatMap(({ experiment, plan, comparison, generated }, i): ReportSection[] => {
    const tables = [...groupRows(comparison.rows, plan.sizes).values()];
    return [
      {
        heading: experiment.title,
        text: generated ? `${experiment.intro}\n\nAll data here are generated.` : experiment.intro,
      },
      ...byHeading(tables, plan),
      ...differences(comparison.rows),
      ...figures[i],
    ];
  });
  return htmlReport({
    title,
    intro:
      "Every model here had the same tuning budget: the same list of settings, the same number of trials. Bold is the best mean, and what lies within one standard deviation of it. A loss is shown like a win.",
    sections,
    config: finished.map(({ experiment, plan, comparison }) => ({
      experiment: experiment.name,
      plan,
      chosen: comparison.settings,
    })),
    versions: versions(),
  });
}

/** One section per metric; a model's results on all tasks stand in one line. */
function byHeading(tables: Row[][], plan: Plan): ReportSection[] {
  const sections = new Map<string, Row[][]>();
  for (const rows of tables) {
    const [{ metric, optimizer, parameters }] = rows;
    const size = plan.sizes.length > 1 ? `, about ${nearest(plan.sizes, parameters)} parameters` : "";
    const heading = `${metric[0].toUpperCase()}${metric.slice(1)}, ${optimizer}${size}`;
    sections.set(heading, [...(sections.get(heading) ?? []), rows]);
  }
  return [...sections].map(([heading, group]) => {
    const models = [...new Set(group.flat().map(({ model }) => model))];
    const best = new Set(group.flatMap((rows) => [...leaders(rows)]));
    const columns = ["Model", "Parameters", "ms per step", ...group.map((rows) => rows[0].task)];
    const rows = models.map((model): Cell[] => {
      const own = group.map((rows) => rows.find((row) => row.model === model));
      const first = own.find((row) => row !== undefined)!;
      return [
        model,
        String(first.parameters),
        first.msPerStep.toFixed(2),
        ...own.map((row): Cell => (row ? { value: formatMean(row), best: best.has(row) } : "–")),
      ];
    });
    const { seeds } = group[0][0];
    return {
      heading,
      table: { caption: `Mean ± standard deviation over ${seeds} seeds. Lower is better.`, columns, rows },
    };
  });
}

const nearest = (sizes: readonly number[], parameters: number): number =>
  sizes.reduce((best, s) => (Math.abs(s - parameters) < Math.abs(best - parameters) ? s : best));

/** What a reader needs to know to repeat a run. */
export function versions(): Record<string, string> {
  const { version, dependencies } = JSON.parse(readFileSync(findPackageJSON(import.meta.url)!, "utf8"));
  return {
    gmnm: version,
    node: process.versions.node,
    "@jax-js/jax": dependencies["@jax-js/jax"],
    machine: `${platform()} ${arch()}, ${cpus().length} × ${cpus()[0]?.model.trim() || "processor"}`,
  };
}
