import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inFeaturesOf, toMatrix } from "../../src/data/matrix.ts";
import { GmnmError } from "../../src/errors.ts";
import { gaussianMixtureActivation } from "../../src/nn/activation.ts";
import { dropout } from "../../src/nn/dropout.ts";
import { activation } from "../../src/nn/elementwise.ts";
import { gmnm } from "../../src/nn/gmnm.ts";
import { layerNorm } from "../../src/nn/layer-norm.ts";
import { linear } from "../../src/nn/linear.ts";
import { sequential } from "../../src/nn/sequential.ts";
import { tensor } from "../../src/tensor.ts";

const number = fc.float({ noNaN: true, noDefaultInfinity: true });
const matrix = fc
  .tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 5 }))
  .chain(([rows, columns]) =>
    fc.array(fc.array(number, { minLength: columns, maxLength: columns }), { minLength: rows, maxLength: rows }),
  );

describe("toMatrix", () => {
  test("rows, typed rows, flat numbers and typed arrays of the same numbers make the same tensor", () => {
    fc.assert(
      fc.property(matrix, (rows) => {
        const [n, columns] = [rows.length, rows[0].length];
        const expected = tensor(rows.flat(), [n, columns]);
        expect(toMatrix("x", rows, {})).toEqual(expected);
        expect(toMatrix("x", rows, { columns })).toEqual(expected);
        expect(
          toMatrix(
            "x",
            rows.map((row) => Float64Array.from(row)),
            {},
          ),
        ).toEqual(expected);
        expect(toMatrix("x", rows.flat(), { columns })).toEqual(expected);
        expect(toMatrix("x", rows.flat(), { rows: n })).toEqual(expected);
        expect(toMatrix("x", Float32Array.from(rows.flat()), { columns })).toEqual(expected);
        expect(toMatrix("x", Float64Array.from(rows.flat()), { rows: n })).toEqual(expected);
        expect(toMatrix("x", expected, {})).toEqual(expected);
      }),
    );
  });

  test("a matrix with one row of another length is refused, naming it", () => {
    fc.assert(
      fc.property(matrix, fc.nat(), fc.boolean(), (rows, seed, longer) => {
        const at = seed % rows.length;
        const ragged = rows.map((row, i) => (i !== at ? row : longer ? [...row, 1] : row.slice(1)));
        if (rows.length === 1) {
          expect(() => toMatrix("y", ragged, { columns: rows[0].length })).toThrow(GmnmError);
        } else {
          // Of two lengths the first row's counts.
          const named = at === 0 ? 1 : at;
          expect(() => toMatrix("y", ragged, {})).toThrow(
            `gmnm: row ${named} of y has ${ragged[named].length} numbers`,
          );
        }
      }),
    );
  });

  test.each([
    [
      "flat, neither rows nor columns known",
      [1, 2],
      {},
      "x is a flat array; give its shape with tensor(x, [rows, columns])",
    ],
    [
      "flat, not a whole number of rows",
      [1, 2, 3],
      { columns: 2 },
      "x has 3 numbers, which do not make rows of 2 numbers",
    ],
    ["flat, not a whole number of columns", [1, 2, 3], { rows: 2 }, "x has 3 numbers, which do not make 2 rows"],
    ["empty", [], { columns: 2 }, "x has no rows"],
    ["an empty typed array", new Float32Array(0), { rows: 2 }, "x has no rows"],
    ["rows of another width", [[1, 2]], { columns: 3 }, "rows of x have 2 numbers, expected 3"],
    [
      "a tensor of another size",
      { data: new Float32Array(5), shape: [2, 3] },
      {},
      "shape (2, 3) holds 6 numbers, got 5",
    ],
    ["a missing row", [[1, 2], null], {}, "row 1 of x has 0 numbers, the rows before it have 2"],
    ["a number among rows", [[1, 2], 3], {}, "row 1 of x has 0 numbers, the rows before it have 2"],
  ])("%s is refused", (_, values, size, sentence) => {
    expect(() => toMatrix("x", values as number[], size)).toThrow(`gmnm: ${sentence}`);
  });
});

test.each([
  ["gmnm", gmnm(3, 1), 3],
  ["gaussianMixtureActivation", gaussianMixtureActivation(4), 4],
  ["layerNorm", layerNorm(5), 5],
  ["activation", activation("relu"), undefined],
  ["sequential", sequential(activation("relu"), sequential(dropout(0.1), linear(6, 7)), linear(7, 1)), 6],
  ["a sequential of layers that take any", sequential(activation("relu")), undefined],
])("inFeaturesOf %s", (_, layer, expected) => {
  expect(inFeaturesOf(layer.config)).toBe(expected);
});
