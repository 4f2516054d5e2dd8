#!/usr/bin/env node
import { Command } from "commander";
import { version } from "../version.ts";
import { addData } from "./commands/data.ts";
import { addReproduce } from "./commands/reproduce.ts";

const program = new Command("gmnm")
  .description("Gaussian mixture-inspired nonlinear modules: train them, and compare them with their rivals")
  .version(version)
  .showSuggestionAfterError()
  .showHelpAfterError("(gmnm --help shows how it is used)")
  .exitOverride();
addReproduce(program);
addData(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCode(error);
}

/** 0 where help was asked for, 1 where something failed, 2 where the command was written wrongly. */
function exitCode(error: unknown): number {
  if (error instanceof Error && "code" in error && String(error.code).startsWith("commander.")) {
    return (error as { exitCode?: number }).exitCode === 0 ? 0 : 2;
  }
  // An error from a worker thread has lost its class on the way, but not its sentence.
  if (error instanceof Error && error.message.startsWith("gmnm: ")) {
    console.error(error.message);
    return 1;
  }
  throw error;
}
