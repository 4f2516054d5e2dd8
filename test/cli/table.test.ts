import { expect, test } from "vitest";
import { textTable } from "../../src/cli/table.ts";

test("numbers stand flush right, words flush left", () => {
  expect(
    textTable(
      ["model", "error", "where"],
      [
        ["a", "1.5", "here"],
        ["long", "12.25 ± 0.1", "there and there"],
      ],
    ),
  ).toBe(
    [
      "model        error  where",
      "─────  ───────────  ───────────────",
      "a              1.5  here",
      "long   12.25 ± 0.1  there and there",
    ].join("\n"),
  );
});
