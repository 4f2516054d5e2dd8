import { accessSync, constants } from "node:fs";
import { dirname } from "node:path";
import { Command, CommanderError } from "commander";
import { GmnmError } from "../src/errors.ts";
import { EXECUTORS, type ExecutorName } from "./executors.ts";
import { CASES, type CaseName } from "./results.ts";

export type Options = { cases: CaseName[]; executors: ExecutorName[]; quick: boolean; json: string };

/**
 * What the command line asks for.
 * @throws GmnmError, or commander's error, which has been printed.
 */
export function readOptions(): Options {
  const program = new Command("npm run bench --")
    .description("Time of a training step, ours against PyTorch's and TensorFlow.js's. Run it on an idle machine.")
    .option("--only <cases>", `cases, separated by commas: ${CASES.join(", ")} (default: all)`)
    .option("--quick", "few rounds, no growth curves", false)
    .option("--executors <names>", "executors and peers, separated by commas", EXECUTORS.join(","))
    .option("--json <file>", "where the results go", "bench/results.json")
    .addHelpText(
      "after",
      "\nThe growth curves go with gmnm-large, the run of 10,000 steps with gmnm-small." +
        "\nBENCH_PYTHON names the Python that has PyTorch (default: /usr/bin/python3).",
    )
    .exitOverride()
    .parse();
  const { only, executors, quick, json } = program.opts<{
    only?: string;
    executors: string;
    quick: boolean;
    json: string;
  }>();
  try {
    accessSync(dirname(json), constants.W_OK);
  } catch {
    throw new GmnmError(`the results cannot be written to ${json}: there is no folder ${dirname(json)} to write to`);
  }
  return {
    cases: only === undefined ? [...CASES] : pick("case", only, CASES),
    executors: pick("executor", executors, EXECUTORS),
    quick,
    json,
  };
}

/** Names from a list, in the order of `known`. */
function pick<T extends string>(kind: string, list: string, known: readonly T[]): T[] {
  const names = list.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !known.includes(name as T));
  if (unknown !== undefined) {
    throw new GmnmError(`there is no ${kind} "${unknown}"; the ${kind}s are ${known.join(", ")}`);
  }
  return known.filter((name) => names.includes(name));
}

/** 0 where help was asked for, 2 where the command was written wrongly; undefined for any other error. */
export function exitCodeOf(error: unknown): number | undefined {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (!(error instanceof GmnmError)) return undefined;
  console.error(error.message);
  return 2;
}
