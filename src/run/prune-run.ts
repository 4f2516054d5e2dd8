import { GmnmError } from "../errors.ts";
import { exportOnnx, save } from "../io/index.ts";
import { countParameters } from "../params.ts";
import { encodeInputs, encodeTarget, readTable, targetRows } from "../table/index.ts";
import { type Metric, negativeLogLikelihood, type PruneResult, prune, rmse } from "../train/index.ts";
import { readingOf } from "./config.ts";
import { createFolder } from "./folder.ts";
import { inspectModel } from "./inspection.ts";
import { isTableRun, loadRun } from "./load-run.ts";
import { hashFile } from "./run-data.ts";
import { someRows } from "./use-run.ts";

/** What {@link pruneRun} did. */
export type PrunedRun = Omit<PruneResult, "model"> & { parameters: { before: number; after: number } };

/**
 * Drops as many components of a run's model as the tolerance allows, and writes a run folder of its own: RMSE, or log loss of classes, may grow by the
 * share `keepError` on the rows of a table.
 *
 * @param file the table; default the one that the run was trained on, which must then be as it was.
 * @throws GmnmError when the model has no mixture, or the table is not there or not the same.
 */
export async function pruneRun(
  path: string,
  out: string,
  { keepError, file }: { keepError: number; file?: string },
): Promise<PrunedRun> {
  const run = await loadRun(path);
  if (!isTableRun(run)) throw new GmnmError(`the run ${path} forecasts a series; only runs of tables are pruned`);
  const { config, summary, model, preprocessing, folder } = run;
  if (file === undefined && config.sha256 !== undefined && (await hashFile(config.file)) !== config.sha256) {
    throw new GmnmError(`${config.file} is no longer the table that ${path} learnt from; name one with --on`);
  }
  const table = await readTable(file ?? config.file, readingOf(config));
  const rows = targetRows(table, preprocessing.target);
  const examples = { x: encodeInputs(table, preprocessing, rows), y: encodeTarget(table, preprocessing, rows) };
  const error: Metric = preprocessing.target.kind === "numbers" ? rmse : negativeLogLikelihood;
  const pruned = await prune(model, examples, { keepError, error });
  const parameters = { before: countParameters(model.params), after: countParameters(pruned.model.params) };
  const made = await createFolder(out);
  await save(pruned.model, made.file("model"));
  await exportOnnx(pruned.model, made.file("onnx"));
  await made.write("preprocessing", preprocessing);
  await made.write("inspection", await inspectModel(pruned.model, preprocessing, someRows(examples.x)));
  const growth = `pruned from ${folder.path}: ${pruned.components.before} components became ${pruned.components.after}`;
  await made.write("summary", {
    ...summary,
    chosen: { ...summary.chosen, parameters: parameters.after },
    warnings: [...summary.warnings, `${growth}; the scores are those from before`],
  });
  // Last: with a config, what was left half done would be gone on with, and end as the model that was to be pruned.
  await made.write("config", config);
  // Of one column of numbers, in its unit.
  const { target } = preprocessing;
  const unit = target.kind === "numbers" && target.columns.length === 1 ? target.columns[0].scale : 1;
  const inUnit = { before: pruned.error.before * unit, after: pruned.error.after * unit };
  return { components: pruned.components, error: inUnit, parameters };
}
