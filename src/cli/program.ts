import tab from "@bomb.sh/tab/commander";
import { Command } from "commander";
import { version } from "../version.ts";
import { addData } from "./commands/data.ts";
import { addFit } from "./commands/fit.ts";
import { addReproduce } from "./commands/reproduce.ts";
import { addShip } from "./commands/ship.ts";
import { addUse } from "./commands/use.ts";
import { UsageError } from "./usage.ts";

/** The whole command line. */
export function createProgram(): Command {
  const program = new Command("gmnm")
    .description(
      "Gaussian mixture-inspired nonlinear modules: small, accurate models of your tables and series, and the experiments behind them",
    )
    .version(version)
    .showSuggestionAfterError()
    .showHelpAfterError("(gmnm --help shows how it is used)")
    .exitOverride();
  addFit(program);
  addUse(program);
  addShip(program);
  addReproduce(program);
  addData(program);
  tab(program); // gmnm complete
  return program;
}

/** Runs a command: 0 where it did what it should or help was asked for, 1 where something failed, 2 where it was written wrongly. */
export async function runProgram(args: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(args, { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return exitCode(error);
  }
}

function exitCode(error: unknown): number {
  if (error instanceof Error && "code" in error && String(error.code).startsWith("commander.")) {
    return (error as { exitCode?: number }).exitCode === 0 ? 0 : 2;
  }
  // An error from a worker thread has lost its class on the way, but not its sentence.
  if (error instanceof Error && error.message.startsWith("gmnm: ")) {
    console.error(error.message);
    return error instanceof UsageError ? 2 : 1;
  }
  throw error;
}
