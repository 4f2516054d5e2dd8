import { resolve } from "node:path";
import type { Command } from "commander";
import { datasetNamed, datasetStates, getDataset } from "../../data/get.ts";
import { knownDatasets } from "../../data/known.ts";
import { GmnmError } from "../../errors.ts";
import { findData } from "../data-folder.ts";
import { downloadProgress } from "../download-progress.ts";
import { textTable } from "../table.ts";

const FOLDER = ["--data <dir>", "folder of data sets (default: $GMNM_DATA, else ../shared/data)"] as const;

/** `gmnm data`: the public data sets that experiments use, their download, and whether files are the published ones. */
export function addData(program: Command): void {
  const data = program
    .command("data")
    .description("public data sets: what there is, download, check")
    .addHelpText(
      "after",
      `
Examples:
  gmnm data list
  gmnm data get mnist --data ~/data
  gmnm data check ~/data`,
    );
  data
    .command("list")
    .description("the known data sets, or one of them with its files")
    .argument("[name]", "a data set")
    .option(...FOLDER)
    .action(list);
  data
    .command("get")
    .description("download a data set and check it; goes on where a download broke off")
    .argument("<name>", Object.keys(knownDatasets).join(", "))
    .option("--data <dir>", "folder of data sets (default: $GMNM_DATA, else ../shared/data, else data)")
    .option("--source <url>", "another place that has the files, such as a mirror")
    .action(get);
  data
    .command("check")
    .description("compare the files in a folder of data sets with what was published")
    .argument("[dir]", "folder of data sets (default: $GMNM_DATA, else ../shared/data)")
    .action(check);
}

function list(name: string | undefined, options: { data?: string }): void {
  if (name !== undefined) listOne(name);
  else listAll(findData(options.data));
}

function listAll(folder: string | undefined): void {
  const width = Math.max(...Object.keys(knownDatasets).map((name) => name.length));
  for (const [name, known] of Object.entries(knownDatasets)) {
    const { title, licence, home, files } = known;
    const here = folder === undefined ? [] : datasetStates(known, folder).filter(({ state }) => state !== "missing");
    const found = here.length === 0 ? "" : ` (${here.length} of ${files.length} files are here)`;
    const lines = [`${title}${found}`, home, `licence: ${licence}`];
    console.log(`${name.padEnd(width)}  ${lines.join(`\n${" ".repeat(width + 2)}`)}`);
  }
  console.log(folder === undefined ? "\nThere is no data folder here; --data names one." : `\n"here" is ${folder}`);
}

function listOne(name: string): void {
  const { title, folder, home, licence, sources, archive, files } = datasetNamed(name);
  const rows = [...(archive ? [archive] : []), ...files].map(({ name: file, bytes, sha256, md5 }) => [
    file,
    bytes === undefined ? "?" : String(bytes),
    sha256 ? `SHA-256 ${sha256}` : md5 ? `MD5 ${md5}` : "no hash was published",
  ]);
  console.log(`${title}\nhome: ${home}\nlicence: ${licence}\nfrom: ${sources.join(", ")}\ninto: ${folder}\n`);
  console.log(textTable(["file", "bytes", "hash"], rows));
}

async function get(name: string, options: { data?: string; source?: string }): Promise<void> {
  const data = options.data ?? findData(undefined) ?? "data";
  const progress = downloadProgress(process.stderr);
  try {
    const { folder, got } = await getDataset(name, resolve(data), { source: options.source, onFile: progress.start });
    progress.end();
    console.log(got.length === 0 ? `${name} is in ${folder} already` : `${name} is in ${folder}: ${got.join(", ")}`);
  } finally {
    progress.end();
  }
}

function check(dir: string | undefined): void {
  const folder = findData(dir);
  if (folder === undefined) throw new GmnmError("there is no data folder; name one: gmnm data check DIR");
  const found = Object.entries(knownDatasets).map(([name, known]) => ({ name, files: datasetStates(known, folder) }));
  const present = found.filter(({ files }) => files.some(({ state }) => state !== "missing"));
  if (present.length === 0) throw new GmnmError(`there is no file of a known data set in ${folder}`);
  const states = ["right", "unchecked", "wrong", "missing"] as const;
  const rows = present.map(({ name, files }) => [
    name,
    ...states.map((state) => String(files.filter((file) => file.state === state).length)),
  ]);
  console.log(textTable(["data set", "as published", "no hash published", "wrong", "missing"], rows));
  for (const { name, files } of present) {
    const missing = files.filter(({ state }) => state === "missing").map(({ file }) => file);
    if (missing.length > 0) console.log(`${name} lacks ${missing.join(", ")}`);
  }
  const wrong = present.flatMap(({ files }) => files.flatMap((file) => (file.state === "wrong" ? [file.problem] : [])));
  if (wrong.length > 0) throw new GmnmError(wrong.join("; "));
}
