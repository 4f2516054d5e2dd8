import { availableParallelism } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/setup.ts"],
    pool: "threads",
    // Left to itself, vitest uses one core fewer than there are: on two cores the tests would take half as long again.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // The many processes that tests start keep what they have compiled, as the command line does, and nothing in the user's folder.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, "node_modules/.cache/compiled") },
    testTimeout: 30_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
