// Puts the tables of experiments/results/*.json between the markers of docs/results.md: `node experiments/write-results.ts`.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { attention } from "./attention/experiment.ts";
import { forecast } from "./forecast/experiment.ts";
import { functions } from "./functions/experiment.ts";
import { images } from "./images/experiment.ts";
import { poisson } from "./poisson/experiment.ts";
import type { Row } from "./shared/experiment.ts";
import { formatDifference, formatMean, groupRows, leaders, verdict } from "./shared/report.ts";

const PAGE = new URL("../docs/results.md", import.meta.url);
const sizes: Record<string, number[]> = {
  attention: attention.plan("full", undefined).sizes,
  forecast: forecast.plan("full", undefined).sizes,
  functions: functions.plan("full", undefined).sizes,
  images: images.plan("full", undefined).sizes,
  poisson: poisson.plan("full", undefined).sizes,
  tabular: [2000],
  components: [800],
  generation: [100_000],
};

/** One Markdown table per metric, optimiser and size: models down, tasks across, the leaders bold. */
function tables(name: string): string {
  // An experiment may have been run in parts, one file for each size.
  const folder = new URL("results/", import.meta.url);
  const parts = readdirSync(folder).filter((file) => file.startsWith(name) && file.endsWith(".json"));
  const read = (file: string) => JSON.parse(readFileSync(new URL(file, folder), "utf8")) as { rows: Row[] };
  const rows = parts.flatMap((file) => read(file).rows);
  const sections = new Map<string, Row[][]>();
  for (const [key, group] of groupRows(rows, sizes[name])) {
    const [, metric, optimizer, size] = key.split("|");
    // Where there is one size only, the column of parameters says it.
    const parameters = sizes[name].length > 1 ? `, ${size} parameters` : "";
    const heading = `**${metric}, ${optimizer}${parameters}** (mean ± sd over ${group[0].seeds} seeds)`;
    sections.set(heading, [...(sections.get(heading) ?? []), group]);
  }
  const made = [...sections].map(([heading, groups]) => {
    const best = new Set(groups.flatMap((group) => [...leaders(group)]));
    const models = [...new Set(groups.flat().map(({ model }) => model))];
    const lines = models.map((model) => {
      const own = groups.map((group) => group.find((row) => row.model === model));
      const present = own.filter((row) => row !== undefined);
      const { parameters } = present[0];
      const cells = own.map((row) => (row ? (best.has(row) ? `**${formatMean(row)}**` : formatMean(row)) : "–"));
      return `| ${[model, parameters, formatTimes(present), ...cells].join(" | ")} |`;
    });
    const columns = ["model", "parameters", "ms/step", ...groups.map((group) => group[0].task)];
    return [heading, "", `| ${columns.join(" | ")} |`, `|${columns.map(() => "---").join("|")}|`, ...lines].join("\n");
  });
  return [...made, ...differences(rows, sizes[name])].join("\n\n");
}

/** One time for all tasks; where they differ by more than a quarter, that of each of two, from and to of more. */
function formatTimes(rows: readonly Row[]): string {
  const times = rows.map(({ msPerStep }) => msPerStep);
  const [least, most] = [Math.min(...times), Math.max(...times)];
  if (most <= 1.25 * least) return times[0].toFixed(2);
  const [shown, between] = times.length === 2 ? [times, " / "] : [[least, most], "–"];
  return shown.map((time) => time.toFixed(2)).join(between);
}

/** Every model's difference from the best rival: models and sizes down, tasks across; nothing where nobody competes. */
function differences(rows: readonly Row[], sizesOf: readonly number[]): string[] {
  const compared = [...groupRows(rows, sizesOf)].flatMap(([key, group]) => {
    const size = sizesOf.length > 1 ? `, ${key.split("|")[3]} parameters` : "";
    return group.filter((row) => verdict(row) !== undefined).map((row) => ({ name: row.model + size, row }));
  });
  if (compared.length === 0) return [];
  const tasks = [...new Set(compared.map(({ row }) => row.task))];
  const names = [...new Set(compared.map(({ name }) => name))];
  const cell = (name: string, task: string) => {
    const found = compared.find((one) => one.name === name && one.row.task === task);
    return found ? formatDifference(found.row) : "–";
  };
  const lines = names.map((name) => `| ${[name, ...tasks.map((task) => cell(name, task))].join(" | ")} |`);
  const heading =
    "**Seed by seed**: the difference from the best model without mixtures (mean ± sd over seeds; better or worse at 95 %, paired t-test)";
  const columns = ["model", ...tasks];
  const table = [`| ${columns.join(" | ")} |`, `|${columns.map(() => "---").join("|")}|`, ...lines];
  return [[heading, "", ...table].join("\n")];
}

const page = readFileSync(PAGE, "utf8");
const marked = /(<!-- tables: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g;
writeFileSync(
  PAGE,
  page.replace(marked, (_, start: string, name: string, end: string) => `${start}\n${tables(name)}\n\n${end}`),
);
