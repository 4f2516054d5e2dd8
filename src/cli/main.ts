#!/usr/bin/env node
import module from "node:module";
import { join } from "node:path";

// An older Node fails in the middle of an import, with a stack trace: it is told before anything is imported.
const [major] = process.versions.node.split(".").map(Number);
if (major < 24) {
  console.error(`gmnm: needs Node 24 or newer, this is ${process.versions.node}; in a checkout npm run brings its own`);
  process.exit(1);
}
// What was compiled once is kept, a third of the time to start. In the user's own folder, as what lies there is run; where there is none,
// it cannot be written or NODE_DISABLE_COMPILE_CACHE is set, nothing is kept. By the variable worker processes do the same.
const { XDG_CACHE_HOME, LOCALAPPDATA, HOME } = process.env;
const caches = XDG_CACHE_HOME || LOCALAPPDATA || (HOME && join(HOME, ".cache"));
if (caches) {
  process.env.NODE_COMPILE_CACHE ??= join(caches, "gmnm");
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
}

const { runProgram } = await import("./program.ts");
process.exitCode = await runProgram(process.argv.slice(2));
