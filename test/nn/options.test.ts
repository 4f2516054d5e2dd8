import * as v from "valibot";
import { expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { checkOptions, count, interval, positive, share } from "../../src/nn/options.ts";

const schema = v.strictObject({
  sides: v.optional(count, 4),
  width: v.optional(positive),
  rate: v.optional(share),
  domain: v.optional(interval),
  shape: v.optional(v.picklist(["round", "square"])),
});
const check = (options: unknown) => checkOptions("thing", schema, options);

test("fills in defaults and keeps what was given", () => {
  expect(check({})).toEqual({ sides: 4 });
  expect(check({ sides: 3, domain: [0, 1] })).toEqual({ sides: 3, domain: [0, 1] });
});

test.each([
  [{ side: 3 }, 'thing has no option "side"; it has sides, width, rate, domain, shape'],
  [{ constructor: 3 }, 'thing has no option "constructor"'],
  [JSON.parse('{ "__proto__": 3 }'), 'thing has no option "__proto__"'],
  [{ sides: 0 }, "sides of thing must be a whole number of at least 1, got 0"],
  [{ sides: 1.5 }, "sides of thing must be a whole number of at least 1, got 1.5"],
  [{ sides: 2 ** 60 }, "sides of thing must be a whole number of at least 1"],
  [{ sides: "4" }, 'sides of thing must be a whole number of at least 1, got "4"'],
  [{ sides: Number.NaN }, "sides of thing must be a whole number of at least 1, got NaN"],
  [{ width: 0 }, "width of thing must be a number above 0, got 0"],
  [{ width: Infinity }, "width of thing must be a number above 0, got Infinity"],
  [{ rate: 1 }, "rate of thing must be a number in [0, 1), got 1"],
  [{ domain: [1, 1] }, "domain of thing must be a pair [low, high] with low < high"],
  [{ domain: [0, 1, 2] }, "domain of thing must be a pair [low, high] with low < high"],
  [{ domain: 3 }, "domain of thing must be a pair [low, high], got 3"],
  [{ domain: [0, Infinity] }, "domain.1 of thing must be"],
  [{ shape: "oval" }, 'shape of thing must be ("round" | "square"), got "oval"'],
  [null, "options of thing must be Object, got null"],
])("refuses %o with one sentence", (options, message) => {
  expect(() => check(options)).toThrow(GmnmError);
  expect(() => check(options)).toThrow(message);
});
