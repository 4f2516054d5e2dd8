import { defineConfig } from "tsdown";

// One file in dist per entry of the exports map in package.json, the command line, and the workers that are started by address.
const sources = [
  "index",
  "browser",
  ...["nn", "models", "optim", "train", "io", "data", "plot", "table", "auto", "export", "serve"].map(
    (folder) => `${folder}/index`,
  ),
  "cli/main",
  "auto/worker",
  "compile/shard/crew-worker",
];

export default defineConfig({
  entry: {
    ...Object.fromEntries(sources.map((name) => [name, `src/${name}.ts`])),
    "experiments/shared/worker": "experiments/shared/worker.ts",
  },
  outputOptions: { preserveModulesRoot: "src" },
  format: "esm",
  platform: "neutral", // the same files serve Node and bundlers; node: imports stay what they are
  // Names with # are resolved by "imports" of package.json, in a browser to another file.
  deps: { neverBundle: [/^node:/, /^#/] },
  target: "esnext",
  dts: { sourcemap: false },
  outExtensions: () => ({ js: ".js", dts: ".d.ts" }),
  unbundle: true, // dist has the folders of src
  sourcemap: true,
});
