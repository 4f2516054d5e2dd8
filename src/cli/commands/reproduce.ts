import type { Command } from "commander";
import { experimentNames } from "../../../experiments/names.ts";
import { names, wholeNumber } from "../parse.ts";

/** What `gmnm reproduce` was asked for. */
export type ReproduceOptions = {
  quick?: boolean;
  full?: boolean;
  seeds?: number;
  sizes?: number[];
  tasks?: string[];
  models?: string[];
  optimizers?: string[];
  json?: string;
  out?: string;
  data?: string;
};

/** `gmnm reproduce`: runs experiments and shows what came out. */
export function addReproduce(program: Command): void {
  program
    .command("reproduce")
    .description("run experiments: GMNM beside its rivals, tuned alike, with a table and a report")
    .argument("<experiments...>", `of ${experimentNames.join(", ")}; or all`)
    .option("--quick", "a few minutes (the default)")
    .option("--full", "everything: all tasks, sizes, optimisers and seeds")
    .option("--seeds <n>", "runs per line of the table", wholeNumber("--seeds"))
    .option("--sizes <list>", "only these numbers of parameters, such as 200,400", (text) =>
      names(text).map(wholeNumber("--sizes")),
    )
    .option("--tasks <list>", "only these tasks", names)
    .option("--models <list>", "only these models, the first one being what equal time is measured by", names)
    .option("--optimizers <list>", "only these optimisers", names)
    .option("--json <file>", "write the rows as JSON, - for standard output")
    .option("--out <dir>", "folder for report.html and results.json (default: runs/<experiments>)")
    .option("--data <dir>", "folder of real data sets (default: $GMNM_DATA, else ../shared/data)")
    .addHelpText(
      "after",
      `
Examples:
  gmnm reproduce functions --quick
  gmnm reproduce tabular --full --data ~/data --json results.json
  gmnm reproduce functions poisson --seeds 3
  gmnm reproduce all`,
    )
    .action(async (names: string[], options: ReproduceOptions) => {
      // Loaded when it is wanted: help and completion are to be quick.
      const { reproduce } = await import("../reproduce.ts");
      await reproduce(names, options);
    });
}
