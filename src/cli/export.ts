import { join } from "node:path";
import { EXPORT_FILES, type ExportFormat, exportFormats, exportModel } from "../export/index.ts";
import { loadRun } from "../run/load-run.ts";
import { UsageError } from "./usage.ts";

/** Writes a run's model for elsewhere, after comparing it with the run's own. */
export async function exportCommand(
  path: string,
  { to, out, json }: { to: string; out?: string; json?: boolean },
): Promise<void> {
  if (!(exportFormats as readonly string[]).includes(to)) {
    throw new UsageError(`--to must be one of ${exportFormats.join(", ")}, got ${to}`);
  }
  const format = to as ExportFormat;
  const { model, preprocessing, folder } = await loadRun(path);
  const file = out ?? join(folder.path, EXPORT_FILES[format]);
  const exported = await exportModel(model, preprocessing, format, file);
  if (json) {
    console.log(JSON.stringify(exported));
    return;
  }
  const { files, rows, error = 0, unverified } = exported;
  const checked = unverified
    ? `not compared with the model, for ${unverified}`
    : `compared with the model on ${rows} rows: they differ by ${error.toPrecision(2)} at most`;
  console.log(`${files.join("\n")}\n${checked}`);
}
