// From a table to everything that a run holds. What is killed on the way goes on from the folder `state`, to the same bits.
import { join } from "node:path";
import { constantOf } from "../auto/constant.ts";
import {
  type FitTableResult,
  fitTable,
  folderStore,
  type ModelName,
  type Plan,
  type TableProgress,
} from "../auto/index.ts";
import { exportOnnx, save, writeAtomic } from "../io/index.ts";
import type { Model } from "../model.ts";
import { countParameters } from "../params.ts";
import { Random } from "../random.ts";
import { encodeInputs, encodeTarget } from "../table/index.ts";
import { targetNames } from "../table/preprocessing.ts";
import { type Tensor, takeRows } from "../tensor.ts";
import { knowsNovelty, novelty, predict } from "../train/index.ts";
import type { RunConfig } from "./config.ts";
import { componentFigure, dependenceFigures } from "./figures.ts";
import type { RunFolder } from "./folder.ts";
import { inspectModel } from "./inspection.ts";
import { type Judged, judge, scoresOf, type Truth, truthOf } from "./judge.ts";
import { columnsTable, runReport } from "./report.ts";
import type { RunData } from "./run-data.ts";
import type { Outcome, Summary } from "./summary.ts";
import { someRows } from "./use-run.ts";

/** What a run is doing: training one model, or putting things together at the end. */
export type RunProgress = TableProgress & { model: string };

/** Rivals of `--compare`, beside the model that was asked for. */
export const RIVALS: readonly ModelName[] = ["mlp", "kan", "linear"];

/** Options of {@link fitRun}. */
export type FitRunOptions = { onProgress?: (progress: RunProgress) => void };

/**
 * Trains what a config asks for and fills the run's folder; the summary is written last, so a folder with one is whole. Called again on a
 * folder that has none, it goes on.
 */
export async function fitRun(
  folder: RunFolder,
  config: RunConfig,
  data: RunData,
  { onProgress = () => {} }: FitRunOptions = {},
): Promise<Summary> {
  const { table, preprocessing, training, test } = data;
  const { target } = preprocessing;
  const x = encodeInputs(table, preprocessing, training);
  const y = encodeTarget(table, preprocessing, training);
  const tests = test && {
    x: encodeInputs(test.table, preprocessing, test.rows),
    truth: truthOf(test.table, target, test.rows),
  };
  const models = [config.model, ...(config.compare ? RIVALS.filter((name) => name !== config.model) : [])];
  const trained: Trained[] = [];
  for (const model of models) {
    const began = performance.now();
    const result = await fitTable(
      { x, y },
      {
        task: data.task,
        model: model as ModelName,
        timeBudget: config.timeBudget,
        seed: config.seed,
        store: folderStore(join(folder.file("state"), model)),
        plan: config.plans?.[model] as Plan | undefined,
        onProgress: (progress) => onProgress({ ...progress, model }),
      },
    );
    const { rows, outputs } = result.validation.outOfFold;
    const inTable = rows.map((row) => training[row]);
    const truth = truthOf(table, target, inTable);
    const heldOut = judge(outputs, truth, target);
    const outcome: Outcome = {
      model,
      parameters: countParameters(result.model.params),
      seconds: (performance.now() - began) / 1000,
      validation: scoresOf(heldOut),
      ...(tests && { test: scoresOf(judge(await predict(result.model, tests.x), tests.truth, target)) }),
    };
    trained.push({ result, outcome, truth, heldOut });
  }
  return finish(folder, config, data, { x, y, testTruth: tests?.truth }, trained);
}

type Trained = { result: FitTableResult; outcome: Outcome; truth: Truth; heldOut: Judged };

async function finish(
  folder: RunFolder,
  config: RunConfig,
  data: RunData,
  { x, y, testTruth }: { x: Tensor; y: Tensor; testTruth?: Truth },
  all: Trained[],
): Promise<Summary> {
  const { preprocessing, table, training, test } = data;
  const { target } = preprocessing;
  const [{ result, outcome, truth, heldOut }, ...rivals] = all;
  const { model, validation, history } = result;
  const constant = constantOf(data.task, y);
  const scoresOfConstant = (of: Truth) => {
    const rows = of.kind === "numbers" ? of.columns[0].values.length : of.places.length;
    const outputs = takeRows({ ...constant, shape: [1, ...constant.shape] }, new Uint32Array(rows)); // (rows, outputs)
    return scoresOf(judge(outputs, of, target));
  };
  const summary: Summary = {
    format: "gmnm summary",
    version: 1,
    task: data.task,
    target: targetNames(target),
    rows: { read: table.rows, trained: training.length, tested: test?.rows.length ?? 0 },
    features: x.shape[1],
    chosen: outcome,
    reason: validation.why,
    baseline: {
      name: target.kind === "numbers" ? "always the mean" : "always the classes' frequencies",
      validation: scoresOfConstant(truth),
      ...(testTruth && { test: scoresOfConstant(testTruth) }),
    },
    rivals: rivals.map((rival) => rival.outcome),
    ...(knowsNovelty(model) && { novelty: { reference: referenceOf(model, x) } }),
    warnings: data.warnings,
  };
  const sample = someRows(x);
  const inspection = await inspectModel(model, preprocessing, sample);
  await folder.write("preprocessing", preprocessing);
  await save(model, folder.file("model"));
  await exportOnnx(model, folder.file("onnx"));
  await folder.write("inspection", inspection);
  await writeAtomic(folder.file("metrics"), metricsLines(all));
  const report = runReport({
    config,
    summary,
    target,
    inspection,
    heldOut,
    columns: columnsTable(table, preprocessing, training),
    candidates: validation.candidates,
    history,
    figures: {
      dependence: dependenceFigures(
        inspection.influences,
        target.kind === "numbers" ? targetNames(target) : target.classes,
      ),
      components: componentFigure(model, preprocessing, inspection.influences, sample),
    },
  });
  await writeAtomic(folder.file("report"), report);
  // With the plans the config repeats the run, whatever the machine's speed.
  const plans = Object.fromEntries(all.map((one) => [one.outcome.model, one.result.plan]));
  await folder.write("config", { ...config, plans });
  await folder.write("summary", summary);
  await folder.clearState();
  return summary;
}

/** Rows that novelty is measured by, and the share of them that counts as known. */
const [REFERENCE_ROWS, KNOWN] = [5000, 0.99];

function referenceOf(model: Model, x: Tensor): number {
  const some = takeRows(x, new Random(0).permutation(x.shape[0]).subarray(0, REFERENCE_ROWS));
  const distances = novelty(model, some).sort();
  return distances[Math.floor(KNOWN * (distances.length - 1))];
}

/** One JSON object a line: every form that was tried, every epoch of the mean of the chosen networks, every model's scores. */
function metricsLines(all: readonly Trained[]): string {
  const events = all.flatMap(({ result: { validation, history }, outcome }) => [
    ...validation.candidates.map((candidate) => ({ event: "candidate", model: outcome.model, ...candidate })),
    ...history.map((record) => ({ event: "epoch", model: outcome.model, ...record })),
    { event: "result", ...outcome },
  ]);
  return events.map((event) => `${JSON.stringify(event)}\n`).join("");
}
