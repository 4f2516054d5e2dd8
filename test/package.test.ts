// What the package promises to those who install it.
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import build from "../tsdown.config.ts";

const root = join(import.meta.dirname, "..");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const entries = Object.entries<Record<string, string>>(manifest.exports).filter(
  ([, target]) => typeof target === "object",
);
const sourceOf = (dist: string) => dist.replace("./dist/", "src/").replace(/\.js$/, ".ts");

describe("every entry of the exports map", () => {
  test.each(entries)("%s is built from its source", (_, target) => {
    expect(existsSync(join(root, target["gmnm-source"]))).toBe(true);
    expect(sourceOf(target.default)).toBe(target["gmnm-source"].replace("./", ""));
    expect(target.types).toBe(target.default.replace(/\.js$/, ".d.ts"));
    expect(Object.values((build as { entry: Record<string, string> }).entry)).toContain(sourceOf(target.default));
  });

  test("loads under its name", async () => {
    const names = entries.map(([path]) => `gmnm${path.slice(1)}`);
    const program = `const sizes = await Promise.all(${JSON.stringify(names)}.map(async (name) => Object.keys(await import(name)).length));
      console.log(JSON.stringify(sizes));`;
    const args = ["--conditions=gmnm-source", "--input-type=module", "--eval", program];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
    for (const size of JSON.parse(stdout)) expect(size).toBeGreaterThan(0);
  });
});

/** Every module a file imports, directly or through others of ours, each with the chain of files that leads to it. */
function importsOf(file: string, chain: string[] = [], seen = new Map<string, string[]>()): Map<string, string[]> {
  const path = [...chain, relative(root, file)];
  // Types that are imported as types leave no trace in what runs.
  const { outputText } = ts.transpileModule(readFileSync(file, "utf8"), {
    compilerOptions: { verbatimModuleSyntax: true, module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ESNext },
  });
  for (const { fileName } of ts.preProcessFile(outputText).importedFiles) {
    const name = fileName.startsWith(".") ? join(dirname(file), fileName) : fileName;
    if (seen.has(name)) continue;
    seen.set(name, path);
    if (fileName.startsWith(".")) importsOf(name, path, seen);
  }
  return seen;
}

describe("runs in a browser", () => {
  // #csv-parse stands for csv-parse's build for browsers there (see "imports" in package.json);
  // cli-progress is loaded when a terminal is there, and never in a browser; pbf when a model is exported.
  const packages = /^(@jax-js\/jax|valibot|pure-rand\/.*|cli-progress|@observablehq\/plot|linkedom|pbf|#csv-parse)$/;
  const portable = [...["nn", "models", "optim", "train"].map((folder) => `src/${folder}/index.ts`), "src/browser.ts"];

  test.each(portable)("%s", (entry) => {
    const imports = [...importsOf(join(root, entry))].filter(([name]) => !name.startsWith("/"));
    expect(imports.map(([name]) => name)).toContain("@jax-js/jax");
    expect(imports.filter(([name]) => !packages.test(name))).toEqual([]);
  });

  test("the check finds what would not", () => {
    expect(importsOf(join(root, "src/io/index.ts")).get("node:fs/promises")?.at(-1)).toMatch(/^src\/io\//);
  });

  test("bundlers take src/browser.ts for the whole library", () => {
    const { browser } = manifest.exports["."];
    expect(sourceOf(browser.default)).toBe("src/browser.ts");
    expect(Object.values((build as { entry: Record<string, string> }).entry)).toContain("src/browser.ts");
  });
});

test("the command line is built where package.json says", () => {
  expect(sourceOf(`./${manifest.bin.gmnm}`)).toBe("src/cli/main.ts");
});

test("jax-js is pinned to the version the library was tested with", () => {
  expect(manifest.dependencies["@jax-js/jax"]).toMatch(/^\d+\.\d+\.\d+$/);
});
