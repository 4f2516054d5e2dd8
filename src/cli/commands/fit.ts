import type { Command } from "commander";
import { duration, names, shareOrFile, wholeNumber } from "../parse.ts";

/** What `gmnm fit` was asked for; what is missing comes from --config, or else is a default. */
export type FitCommandOptions = {
  target?: string[];
  task?: string;
  features?: string[];
  ignore?: string[];
  time?: string;
  horizon?: number;
  lookback?: number;
  model?: string;
  compare?: boolean;
  header?: string;
  test?: string | number;
  seed?: number;
  timeBudget?: number;
  config?: string;
  printConfig?: boolean;
  out?: string;
  json?: boolean;
};

/** `gmnm fit`: a table in, a run folder out. */
export function addFit(program: Command): void {
  program
    .command("fit")
    .description("learn to predict columns of a table, or the future of a series, and write a run folder")
    .argument(
      "[file]",
      "a CSV file (commas, semicolons, tabs or blanks; gzipped or not); with --config the config's own if left out",
    )
    .option("--target <columns>", "what to predict: names, or numbers counted from 1 (−1 is the last)", names)
    .option("--task <task>", "auto, regression, classification or forecast (default: auto)")
    .option("--features <columns>", "learn from these columns only", names)
    .option("--ignore <columns>", "do not learn from these columns", names)
    .option("--header <yes|no>", "whether the first line names the columns (default: found out)")
    .option("--time <column>", "of a forecast: the column of dates")
    .option(
      "--horizon <steps>",
      "of a forecast: how far ahead (default: chosen from the season)",
      wholeNumber("--horizon"),
    )
    .option("--lookback <steps>", "of a forecast: how far back to look (default: chosen)", wholeNumber("--lookback"))
    .option("--model <model>", "gmnm, additiveGmnm, mlp, kan, fastKan, rbf or linear (default: gmnm)")
    .option("--compare", "train an MLP, a KAN and a linear model beside it, with the same budget each")
    .option(
      "--test <file|share>",
      "a file to test on, or a share of the rows to keep for that, such as 20%",
      shareOrFile,
    )
    .option("--seed <n>", "of splits and starts (default: 0)", wholeNumber("--seed", 0))
    .option("--time-budget <time>", "to train in, such as 60s or 5m (default: 50s)", duration("--time-budget"))
    .option("--config <file>", "take settings from this file; options on the command line win")
    .option("--print-config", "show the settings and do nothing")
    .option("--out <dir>", "the run folder (default: runs/<name of the file>)")
    .option("--json", "print the summary as JSON")
    .addHelpText(
      "after",
      `
Columns of numbers, categories and dates are told apart by looking at them; missing values are filled in and reported; sizes, learning
rates and the number of networks are chosen on held-out rows within the time budget. The run folder holds the model (safetensors and
ONNX), what stands between the table and the model, every score, and a report to open in a browser.

Examples:
  gmnm fit houses.csv --target price
  gmnm fit houses.csv --target price --test 20% --compare --time-budget 2m
  gmnm fit flowers.csv --target species --ignore id,photo --out runs/flowers
  gmnm fit sales.csv --target units --task forecast --time month --horizon 12
  gmnm fit --config runs/houses/config.json --out runs/houses-again   # the same run again`,
    )
    .action(async (file: string | undefined, options: FitCommandOptions) => {
      const { fitCommand } = await import("../fit.ts");
      await fitCommand(file, options);
    });
  program
    .command("resume")
    .description("go on with a run that was interrupted, to the result it would have had")
    .argument("<run>", "its folder")
    .option("--json", "print the summary as JSON")
    .addHelpText("after", "\nExample:\n  gmnm resume runs/houses")
    .action(async (run: string, options: { json?: boolean }) => {
      const { resumeCommand } = await import("../fit.ts");
      await resumeCommand(run, options);
    });
}
