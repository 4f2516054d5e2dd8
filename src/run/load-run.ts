// A run that has ended, loaded and checked.
import { load } from "../io/index.ts";
import type { Model } from "../model.ts";
import { checkAnyPreprocessing } from "../table/check-series.ts";
import { type AnyPreprocessing, isSeries } from "../table/json-rows.ts";
import type { Preprocessing, SeriesPreprocessing } from "../table/preprocessing.ts";
import type { RunConfig } from "./config.ts";
import { openFinishedRun, type RunFolder } from "./folder.ts";
import { readSummary, type Summary } from "./summary.ts";

/** A run that has ended: of a table, or of a series. */
export type LoadedRun<P extends AnyPreprocessing = AnyPreprocessing> = {
  folder: RunFolder;
  config: RunConfig;
  summary: Summary;
  model: Model;
  preprocessing: P;
};
export type TableRun = LoadedRun<Preprocessing>;
export type SeriesRun = LoadedRun<SeriesPreprocessing>;

/** Loads a run. @throws GmnmError, one sentence that names the file at fault. */
export async function loadRun(path: string): Promise<LoadedRun> {
  const { folder, config } = await openFinishedRun(path);
  const summary = await readSummary(folder.file("summary"));
  const preprocessing = checkAnyPreprocessing(await folder.read("preprocessing"), folder.file("preprocessing"));
  return { folder, config, summary, model: await load(folder.file("model")), preprocessing };
}

/** True for a run that forecasts. */
export const isSeriesRun = (run: LoadedRun): run is SeriesRun => isSeries(run.preprocessing);
/** True for a run that predicts rows. */
export const isTableRun = (run: LoadedRun): run is TableRun => !isSeries(run.preprocessing);
