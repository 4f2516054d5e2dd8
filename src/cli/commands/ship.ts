// The commands that take a run elsewhere.
import type { Command } from "commander";
import { wholeNumber } from "../parse.ts";

/** `gmnm export` and `serve`. */
export function addShip(program: Command): void {
  program
    .command("export")
    .description("the model for elsewhere, checked against this one before it is written")
    .argument("<run>", "a run folder")
    .requiredOption("--to <format>", "onnx, json, pytorch (a Python file and its safetensors) or js (one ES module)")
    .option("--out <path>", "file, or for pytorch folder (default: in the run folder)")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  gmnm export runs/houses --to js --out houses.js\n  gmnm export runs/houses --to pytorch --out houses-torch",
    )
    .action(async (run: string, options: { to: string; out?: string; json?: boolean }) => {
      const { exportCommand } = await import("../export.ts");
      await exportCommand(run, options);
    });
  program
    .command("serve")
    .description("answer predictions over HTTP, on this machine only unless told otherwise")
    .argument("<run>", "a run folder")
    .option("--port <n>", "0 takes a free one", wholeNumber("--port", 0), 8080)
    .option("--host <address>", "the address to listen on", "127.0.0.1")
    .addHelpText(
      "after",
      `
POST /predict with {"rows": [{"column": value}]}; GET /schema says what rows look like; GET /health; GET /metrics.

Example:
  gmnm serve runs/houses --port 8080
  curl -s localhost:8080/predict -H 'content-type: application/json' -d '{"rows":[{"rooms":5,"city":"Bonn"}]}'`,
    )
    .action(async (run: string, options: { port: number; host: string }) => {
      const { serveCommand } = await import("../serve.ts");
      await serveCommand(run, options);
    });
}
