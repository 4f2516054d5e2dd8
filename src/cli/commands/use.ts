// The commands that use a run that has ended.
import type { Command } from "commander";
import { share, wholeNumber } from "../parse.ts";

/** `gmnm predict`, `evaluate`, `inspect` and `prune`. */
export function addUse(program: Command): void {
  program
    .command("predict")
    .description("predict the rows of a table, in their order and in the target's unit")
    .argument("<run>", "a run folder")
    .argument(
      "[file]",
      "a CSV file with the columns the run learnt from; for a forecast the series so far (default: the one it was trained on)",
    )
    .option("--out <file>", "write here, as CSV (default: standard output)")
    .option(
      "--novelty",
      "add how far each row lies from the nearest Gaussian, in its widths: far from all of them the model knows nothing",
    )
    .option("--json", "print JSON in place of CSV")
    .addHelpText(
      "after",
      `
Examples:
  gmnm predict runs/houses new-houses.csv --out predictions.csv
  gmnm predict runs/houses new-houses.csv --novelty | sort -t, -k2 -g
  gmnm predict runs/sales                       # the months after the end of the series`,
    )
    .action(async (run: string, file: string | undefined, options: PredictOptions) => {
      const { predictCommand } = await import("../predict.ts");
      await predictCommand(run, file, options);
    });
  program
    .command("evaluate")
    .description("compare predictions with the truth in a table")
    .argument("<run>", "a run folder")
    .argument("<file>", "a CSV file with the target's column, too")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  gmnm evaluate runs/houses houses-2027.csv --json")
    .action(async (run: string, file: string, options: { json?: boolean }) => {
      const { evaluateCommand } = await import("../evaluate.ts");
      await evaluateCommand(run, file, options);
    });
  program
    .command("inspect")
    .description("what the model is made of: layers, what matters, and every Gaussian in the table's own units")
    .argument("<run>", "a run folder")
    .option("--on <file>", "look at the rows of this table (default: as it was when it was trained)")
    .option("--components <n>", "show so many Gaussians, the strongest", wholeNumber("--components"), 10)
    .option("--json", "print JSON, with all Gaussians and all curves")
    .addHelpText(
      "after",
      "\nExamples:\n  gmnm inspect runs/houses\n  gmnm inspect runs/houses --json | jq '.components[0]'",
    )
    .action(async (run: string, options: { on?: string; components: number; json?: boolean }) => {
      const { inspectCommand } = await import("../inspect.ts");
      await inspectCommand(run, options);
    });
  program
    .command("prune")
    .description("drop the Gaussians that hardly matter, into a run folder of its own")
    .argument("<run>", "a run folder")
    .requiredOption("--keep-error <share>", "how much the error may grow, such as 1%", share("--keep-error"))
    .option("--on <file>", "the table to measure the error on (default: the one it was trained on)")
    .option("--out <dir>", "the new run folder (default: <run>-pruned)")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  gmnm prune runs/houses --keep-error 1%")
    .action(async (run: string, options: { keepError: number; on?: string; out?: string; json?: boolean }) => {
      const { pruneCommand } = await import("../prune.ts");
      await pruneCommand(run, options);
    });
}

/** What `gmnm predict` was asked for. */
export type PredictOptions = { out?: string; novelty?: boolean; json?: boolean };
