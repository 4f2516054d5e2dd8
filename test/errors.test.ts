import fc from "fast-check";
import { expect, test } from "vitest";
import { GmnmError, quote, reasonOf } from "../src/errors.ts";

test("whatever a message repeats from outside, it stays one line that moves no cursor, and a short one", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (name) => {
      expect(new GmnmError(`there is no ${name}`).message).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
    }),
  );
  expect(new GmnmError("no column \u001b[2Jé\n").message).toBe("gmnm: no column \\u001b[2Jé\\u000a");
  expect(quote("x".repeat(1e6)).length).toBeLessThan(70);
  expect([quote('a "b"'), quote({ toString: 1 }), quote(undefined)]).toEqual(['"a \\"b\\""', "object", "undefined"]);
});

test("whatever was thrown is a reason", () => {
  expect(reasonOf(new GmnmError("no such file"))).toBe("no such file");
  const deep = (): number => 1 + deep();
  const caught = () => {
    try {
      return deep();
    } catch (cause) {
      return reasonOf(cause);
    }
  };
  expect(caught()).toBe("it is nested too deep");
  expect([reasonOf("text"), reasonOf({ toString: 1 })]).toEqual(['"text"', "object"]);
});
