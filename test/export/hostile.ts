// Names that would break out of a literal, a comment, a template or a page, if they could.
import type { Preprocessing } from "../../src/table/preprocessing.ts";
import { number, numbers, tableOf } from "./samples.ts";

const dollar = "$";

export const hostileNames = [
  '"',
  "'",
  `\`${dollar}{globalThis.broken = true}\``,
  "\\",
  '\\"; globalThis.broken = true; "',
  "a\nb\r\nc\u2028d\u2029e",
  "*/ globalThis.broken = true; /*",
  "</script><script>globalThis.broken = true</script>",
  "<!--",
  "__proto__",
  "constructor",
  "toString",
  "{x!r} %s {0}",
  '"""',
  "'''\nimport os\n",
  "\0\u0001\u001b[31m",
  "größe 📐 \u202e",
  "\ud800 alone",
  "label",
  "probabilities",
  "",
  "#",
];

/** A column of numbers of each name, and two targets of other hostile names. */
export const hostileTable: Preprocessing = tableOf(
  hostileNames.map((name) => number(name)),
  numbers(`*/ target ${dollar}{1}`, "hasOwnProperty"),
  [{ name: "\n*/ ignored", reason: '"\n</script>' }],
);

/** One column of numbers, and a class of each name. */
export const hostileClasses: Preprocessing = tableOf([number("x")], {
  kind: "classes",
  name: "__proto__",
  classes: hostileNames,
});
