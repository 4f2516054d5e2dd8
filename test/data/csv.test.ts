import fc from "fast-check";
import { expect, test } from "vitest";
import { parseCsv } from "../../src/data/csv.ts";
import { GmnmError } from "../../src/errors.ts";

const read = (text: string) => [...parseCsv(text, "f")];
const fieldsOf = (text: string) => read(text).map(({ fields }) => fields);

test("what is written is read back, whatever is in the fields", () => {
  const field = fc.string({ unit: fc.constantFrom("a", "1", ",", '"', "\n", "\r", " ", "é") });
  const record = fc.array(field, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(
      fc.array(record, { maxLength: 5 }),
      fc.constantFrom("\n", "\r\n", "\r"),
      fc.boolean(),
      (rows, end, last) => {
        const text = rows.map((fields) => fields.map((f) => `"${f.replaceAll('"', '""')}"`).join(",")).join(end);
        expect(fieldsOf(text + (last ? end : ""))).toEqual(rows);
      },
    ),
  );
});

test("fields without quotes, empty ones, empty lines and a byte order mark", () => {
  expect(fieldsOf("\ufeffdate,a\n\n1,\n,2\r\n\r\n")).toEqual([
    ["date", "a"],
    ["1", ""],
    ["", "2"],
  ]);
  expect(fieldsOf("1,")).toEqual([["1", ""]]);
  expect(fieldsOf("")).toEqual([]);
});

test("records know the line they begin on", () => {
  expect(read('a\n\n"b\nc",d\ne').map(({ line }) => line)).toEqual([1, 3, 5]);
});

test.each([
  ['a,b\n1,"2', "f, line 2, field 2: its quotes are never closed"],
  ['a,b\n"1"2,3', "f, line 2, field 1: quotes in the middle of a field"],
  ['a,b"c', "f, line 1, field 2: quotes in the middle of a field"],
])("%j is refused", (text, sentence) => {
  expect(() => read(text)).toThrow(`gmnm: ${sentence}`);
});

test("any text is read or refused, and ten megabytes of quotes are no trouble", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", "\r"), maxLength: 30 }), (text) => {
      try {
        expect(fieldsOf(text).every((fields) => fields.length > 0)).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(GmnmError);
      }
    }),
    { numRuns: 2000 },
  );
  expect(() => read(`"${"a".repeat(10 ** 7)}`)).toThrow(
    "f, line 1, field 1: its quotes are never closed within 1048576 characters",
  );
  expect(() => read(`a,b\n1,2"${"3\n".repeat(10 ** 6)}`)).toThrow(
    "f, line 2, field 2: quotes in the middle of a field",
  );
  expect(() => read(`a\n${"b".repeat(2 * 10 ** 6)}`)).toThrow("f, line 2: a record of more than 1048576 characters");
  expect(() => read(`"${'""'.repeat(5 * 10 ** 6)}`)).toThrow(/^gmnm: f, line 1/);
  expect(fieldsOf(`"${'""'.repeat(5 * 10 ** 5)}"`)[0][0]).toHaveLength(5 * 10 ** 5);
});
