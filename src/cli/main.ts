#!/usr/bin/env node
// An older Node fails in the middle of an import, with a stack trace: it is told before anything is imported.
const [major] = process.versions.node.split(".").map(Number);
if (major < 24) {
  console.error(`gmnm: needs Node 24 or newer, this is ${process.versions.node}; in a checkout npm run brings its own`);
  process.exit(1);
}
const { runProgram } = await import("./program.ts");
process.exitCode = await runProgram(process.argv.slice(2));

export {};
