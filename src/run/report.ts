// The page that a run leaves for people.
import { lossCurves } from "../plot/loss-curves.ts";
import { formatNumber } from "../plot/numbers.ts";
import { htmlReport, type ReportSection, type ReportTable } from "../plot/report.ts";
import { scatter } from "../plot/scatter.ts";
import { type ColumnDescription, describeTable, showDate, type Table } from "../table/index.ts";
import type { Preprocessing, Target } from "../table/preprocessing.ts";
import { version } from "../version.ts";
import type { RunConfig } from "./config.ts";
import type { Inspection } from "./inspection.ts";
import type { Judged } from "./judge.ts";
import { confusionCounts } from "./scores.ts";
import type { Summary } from "./summary.ts";
import { count, extentOf, percent, scoreTable, shortName, whereIs } from "./words.ts";

type Figures = NonNullable<ReportSection["figures"]>;

/** What the page is made of. */
export type ReportContents = {
  config: RunConfig;
  summary: Summary;
  target: Target;
  inspection?: Inspection;
  heldOut: Judged;
  /** The columns of the table, described. */
  columns?: ReportTable;
  candidates: { name: string; parameters: number; score?: number; chosen: boolean; failed: number }[];
  history: { epoch: number; loss: number; validationLoss: number }[];
  figures: { dependence: Figures; components: Figures };
};

/** So many components stand in the table, the strongest. */
const MOST_COMPONENTS = 20;

/** The report as one HTML page. */
export function runReport(contents: ReportContents): string {
  const { config, summary, inspection } = contents;
  const sections = [
    resultSection(summary),
    heldOutSection(contents),
    ...(inspection ? [influenceSection(contents, inspection), componentSection(contents, inspection)] : []),
    searchSection(contents),
    ...(contents.columns ? [{ heading: "The table", table: contents.columns }] : []),
    ...(summary.warnings.length > 0
      ? [{ heading: "Worth knowing", text: summary.warnings.join("\n\n") } satisfies ReportSection]
      : []),
  ].filter((section) => section !== undefined);
  return htmlReport({
    title: `${summary.target.join(", ")} from ${shortName(config.file)}`,
    intro: introOf(summary),
    sections,
    config: { ...config, plans: undefined },
    versions: { gmnm: version, node: process.versions.node },
  });
}

function introOf({ task, rows, features, chosen, reason }: Summary): string {
  const what = task === "forecast" ? "A forecast" : task === "classification" ? "A classification" : "A regression";
  return `${what} learnt from ${count(rows.trained, "row")} and ${count(features, "feature")}: ${count(chosen.parameters, "parameter")}, ${formatNumber(Number(chosen.seconds.toPrecision(2)))} seconds. ${reason}`;
}

/** The scores of the model, its rivals and the baseline. */
export function resultSection(summary: Summary): ReportSection {
  return {
    heading: "How good it is",
    text: summary.chosen.test
      ? `Held-out rows were seen by none of the networks that predicted them. The ${count(summary.rows.tested, "test row")} took no part in anything before.`
      : "On held-out rows: each was predicted by networks that had not seen it. A share of the rows can be kept for a last test with --test 20%.",
    table: scoreTable(summary),
  };
}

function heldOutSection({ heldOut, target }: ReportContents): ReportSection | undefined {
  if (heldOut.kind === "numbers") {
    return {
      heading: "Predictions and truth",
      figures: heldOut.columns.map(({ name, predicted, truth }) => ({
        svg: scatter(truth, predicted, { title: name, xLabel: `true ${name}`, yLabel: `predicted ${name}` }),
        caption: "One dot for each held-out row; on the broken line predictions are right.",
      })),
    };
  }
  if (target.kind !== "classes") return undefined;
  const counts = confusionCounts(heldOut.probabilities, heldOut.truth, target.classes.length);
  return {
    heading: "What is taken for what",
    text: "How many held-out rows of each class (down) were taken for each (across).",
    table: {
      columns: [target.name, ...target.classes],
      rows: counts.map((row, i) => [
        target.classes[i],
        ...row.map((value, j) => (i === j ? { value, best: true } : value)),
      ]),
    },
  };
}

function influenceSection({ figures }: ReportContents, { influences, rows }: Inspection): ReportSection {
  return {
    heading: "What matters",
    text: `Influence: the share of the predictions' variance that hangs on a column (total Sobol index, estimated on ${count(Math.min(rows, 256), "row")}, so that it can come out above 100 %). Shares of columns that act together, or go together, may sum to more than 100 %.`,
    table: {
      columns: ["column", "influence", "values"],
      rows: influences.map((one) => [one.input, percent(one.share), extentOf(one)]),
    },
    figures: figures.dependence,
  };
}

function componentSection(
  { figures, target }: ReportContents,
  { components, rows }: Inspection,
): ReportSection | undefined {
  if (components.length === 0) return undefined;
  const dead = components.filter((component) => component.dead).length;
  const shown = components.slice(0, MOST_COMPONENTS);
  const outputs = target.kind === "numbers" ? target.columns.map(({ name }) => name) : target.classes;
  return {
    heading: "The Gaussians",
    text: `${count(components.length, "Gaussian")}, ${dead === 0 ? "none" : dead} of them dead: not active on any of ${count(rows, "row")}. The ${shown.length} strongest, with the columns along which they are narrow: the centre, and one width to either side. What stands under ${outputs[0]} is what a Gaussian adds where it is 1${target.kind === "classes" ? ", as a logit" : ""}.`,
    table: {
      columns: ["", "share", ...outputs.slice(0, 6), "mean activation", "where"],
      rows: shown.map((component, i) => [
        `${i + 1}`,
        percent(component.share),
        ...component.weight.slice(0, 6),
        component.meanActivation,
        whereIs(component),
      ]),
    },
    figures: figures.components,
  };
}

function searchSection({ candidates, history, config }: ReportContents): ReportSection {
  const label = config.model;
  const x = history.map(({ epoch }) => epoch);
  return {
    heading: "How it was chosen",
    text: "Forms that were tried, by their score on the same held-out rows (lower is better); those in bold are part of the model.",
    table: {
      columns: ["form", "parameters each", "score", "diverged"],
      rows: candidates.map(({ name, parameters, score, chosen, failed }) => [
        { value: name, best: chosen },
        parameters,
        score ?? "–",
        failed,
      ]),
    },
    figures:
      history.length < 2
        ? []
        : [
            {
              svg: lossCurves([
                { label: "training", x, y: history.map(({ loss }) => loss) },
                { label: "held out", x, y: history.map(({ validationLoss }) => validationLoss) },
              ]),
              caption: `Loss while ${label} trained, mean of its networks. Each network is kept as it was at the best epoch.`,
            },
          ],
  };
}

/** The columns of a table, and what the model makes of them. */
export function columnsTable(table: Table, { inputs, target, ignored }: Preprocessing, rows: Uint32Array): ReportTable {
  const targets = target.kind === "numbers" ? target.columns.map(({ name }) => name) : [target.name];
  const roleOf = (name: string): string => {
    if (targets.includes(name)) return "predicted";
    const input = inputs.find((one) => one.name === name);
    if (input)
      return input.kind === "number" && input.transform !== "identity" ? "number, by its logarithm" : input.kind;
    return `left out: ${ignored.find((one) => one.name === name)?.reason ?? ""}`;
  };
  return {
    columns: ["column", "role", "missing", "different", "values"],
    rows: describeTable(table, rows).map((column) => [
      column.name,
      roleOf(column.name),
      column.missing,
      column.distinct,
      valuesOf(column),
    ]),
  };
}

/** The quartiles of numbers and dates, the most frequent levels of categories. */
function valuesOf({ kind, numbers, top = [] }: ColumnDescription): string {
  if (!numbers)
    return top
      .slice(0, 3)
      .map(({ level, rows }) => `${level} (${rows})`)
      .join(", ");
  const show = kind === "date" ? showDate : formatNumber;
  return `${show(numbers.min)} … ${show(numbers.median)} … ${show(numbers.max)}`;
}
