import { describe, expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { dropout } from "../../src/nn/dropout.ts";
import { activation } from "../../src/nn/elementwise.ts";
import { kan } from "../../src/nn/kan.ts";
import { linear } from "../../src/nn/linear.ts";
import { sequential } from "../../src/nn/sequential.ts";
import { lbfgs } from "../../src/optim/lbfgs.ts";
import { type FitOptions, fit } from "../../src/train/fit.ts";
import { liveBuffers } from "../live-buffers.ts";
import { layer, waves } from "./examples.ts";

describe("refuses, in one sentence", () => {
  const refusal = async (examples: unknown, options: FitOptions = {}, of = layer) => {
    const before = liveBuffers();
    const error = await fit(of, examples as Parameters<typeof fit>[1], options).catch((e) => e);
    expect(error).toBeInstanceOf(GmnmError);
    expect(liveBuffers()).toBe(before);
    return error.message;
  };
  const { x, y } = waves(4);
  const rows = [
    [1, 2],
    [3, 4],
  ];

  test("data that is not finite, by row and column", async () => {
    const bad = x.data.with(5, Number.NaN);
    expect(await refusal({ x: { data: bad, shape: [4, 2] }, y })).toBe(
      "gmnm: x has NaN in row 2, column 1 (counted from 0)",
    );
    expect(await refusal({ x, y: [1, 2, Number.POSITIVE_INFINITY, 4] }, { validation: 0.5 })).toBe(
      "gmnm: y has Infinity in row 2, column 0 (counted from 0)",
    );
    expect(await refusal({ x, y }, { validation: { x: [[1, Number.NaN]], y: [1] } })).toBe(
      "gmnm: validation x has NaN in row 0, column 1 (counted from 0)",
    );
  });

  test.each([
    ["a ragged row", { x: [[1, 2], [3]], y: [1, 2] }, "row 1 of x has 1 numbers, the rows before it have 2"],
    ["too wide rows", { x: [[1, 2, 3]], y: [1] }, "rows of x have 3 numbers, expected 2"],
    ["a flat x that does not divide", { x: [1, 2, 3], y: [1] }, "x has 3 numbers, which do not make rows of 2 numbers"],
    ["a flat y that does not divide", { x: rows, y: [1, 2, 3] }, "y has 3 numbers, which do not make 2 rows"],
    ["fewer targets than rows", { x: rows, y: [[1]] }, "x has 2 rows but y has 1"],
    ["no rows", { x: [], y: [] }, "x has no rows"],
    ["no targets", { x: rows, y: [] }, "y has no rows"],
    [
      "targets of another width",
      { x: rows, y: rows },
      "expected y of shape (rows, 1), as the model makes it, got (rows, 2)",
    ],
    [
      "targets that would broadcast",
      { x: rows, y: { data: Float32Array.of(1, 2), shape: [2] } },
      "expected y of shape (rows, 1), as the model makes it, got (rows)",
    ],
    [
      "a tensor of another width",
      { x: { data: new Float32Array(6), shape: [2, 3] }, y: [1, 2] },
      "gmnm expected a sample of shape (rows, 2) to initialise from, got (2, 3)",
    ],
  ])("%s", async (_, examples, sentence) => {
    expect(await refusal(examples)).toBe(`gmnm: ${sentence}`);
  });

  test("a model without parameters", async () => {
    expect(await refusal({ x, y }, {}, activation("relu") as never)).toBe(
      "gmnm: there is nothing to train: the model has no parameters",
    );
  });

  test("a validation set of another width", async () => {
    const validation = { x: rows, y: rows };
    expect(await refusal({ x, y }, { validation, epochs: 1 })).toContain("expected y of shape (rows, 1)");
  });

  test.each([-1, 1.5, Number.NaN])("%d epochs", async (epochs) => {
    expect(await refusal({ x, y }, { epochs })).toBe(`gmnm: epochs must be a whole number, got ${epochs}`);
  });

  test("L-BFGS with batches, dropout or adapting grids", async () => {
    const optimizer = lbfgs();
    expect(await refusal({ x, y }, { optimizer, batchSize: 2 })).toBe(
      "gmnm: L-BFGS needs all rows in every step; leave out batchSize",
    );
    expect(await refusal({ x, y }, { optimizer }, sequential(linear(2, 1), dropout(0.1)) as never)).toBe(
      "gmnm: L-BFGS needs a loss without random numbers; remove dropout",
    );
    expect(await refusal({ x, y }, { optimizer, adaptAfter: [1] }, kan(2, 1) as never)).toBe(
      "gmnm: L-BFGS cannot adapt a model while it runs; adapt it between runs",
    );
  });
});
