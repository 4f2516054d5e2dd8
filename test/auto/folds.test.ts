import fc from "fast-check";
import { expect, test } from "vitest";
import { foldsOf, rowsIn } from "../../src/auto/folds.ts";
import { tensor } from "../../src/tensor.ts";

const column = (values: number[]) => tensor(values, [values.length, 1]);

test("every row is in one fold of each repeat, folds differ by one row at most, and neighbours in the target by their fold", () => {
  fc.assert(
    fc.property(
      fc.array(fc.float({ noNaN: true, min: -9, max: 9 }), { minLength: 2, maxLength: 60 }),
      fc.integer({ min: 2, max: 10 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer(),
      (values, wanted, repeats, seed) => {
        const folds = Math.min(wanted, values.length);
        const made = foldsOf(column(values), { folds, repeats, seed });
        expect(made).toEqual(foldsOf(column(values), { folds, repeats, seed }));
        expect(made.length).toBe(repeats);
        for (const foldOf of made) {
          const sizes = Array.from({ length: folds }, (_, fold) => rowsIn(foldOf, fold).length);
          expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
          const others = rowsIn(foldOf, 0, { others: true });
          expect([...rowsIn(foldOf, 0), ...others].sort((a, b) => a - b)).toEqual([...values.keys()]);
        }
      },
    ),
  );
});

test("classes, however rare, are spread over the folds", () => {
  // Forty rows of one class, five of the other.
  const y = tensor(Array.from({ length: 45 }, (_, i) => (i % 9 === 4 ? [0, 1] : [1, 0])).flat(), [45, 2]);
  const [foldOf] = foldsOf(y, { folds: 5, seed: 3 });
  const rare = [4, 13, 22, 31, 40].map((row) => foldOf[row]);
  expect(new Set(rare).size).toBe(5);
});

test("refuses folds that leave rows out or hold none", () => {
  expect(() => foldsOf(column([1, 2, 3]), { folds: 4, seed: 0 })).toThrow("from 2 to the 3 rows there are");
  expect(() => foldsOf(column([1, 2, 3]), { folds: 1, seed: 0 })).toThrow("got 1");
});
