import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/setup.ts"],
    pool: "threads",
    testTimeout: 30_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
