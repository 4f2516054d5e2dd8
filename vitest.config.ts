import { availableParallelism } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The files that take longest, the longest first. Begun last, the first of them alone would keep one core idle for three minutes. */
const LONGEST = [
  "playground/page",
  "contract/layers",
  "run/kill",
  "auto/fit-table",
  "browser/executors",
  "cli/reproduce",
  "train/resume-killed",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const found = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return found < 0 ? LONGEST.length : found;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/setup.ts"],
    pool: "threads",
    // Modules are loaded, and compiled while hot, once per worker, not once per file.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    // Left to itself, vitest uses one core fewer than there are: on two cores the tests would take half as long again.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // The many processes that tests start keep what they have compiled, as the command line does, and nothing in the user's folder.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, "node_modules/.cache/compiled") },
    testTimeout: 30_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
