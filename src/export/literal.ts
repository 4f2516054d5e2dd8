// Plain JSON as literals of programs. Names of columns come from files and may hold anything.

/**
 * Text as a double-quoted literal: whatever it holds, it ends neither the literal, nor the line, nor a comment, nor a <script> element that the
 * program is pasted into, and nothing in it is invisible.
 *
 * @param upper how the language writes a character of the upper planes, of which there are invisible ones, too.
 */
const quoteWith =
  (upper: (character: string) => string) =>
  (text: string): string =>
    JSON.stringify(text)
      .replace(/[<>\u007f-\u009f\u2028\u2029]|\p{Cf}/gu, (character) =>
        character.length > 1 ? upper(character) : unit(character.charCodeAt(0)),
      )
      .replaceAll("*/", "*\\u002f");

const unit = (code: number): string => `\\u${code.toString(16).padStart(4, "0")}`;
/** JavaScript writes it as two surrogates. */
export const quoteJs = quoteWith((pair) => unit(pair.charCodeAt(0)) + unit(pair.charCodeAt(1)));
/** Python has no pairs of surrogates, but eight digits. */
export const quotePython = quoteWith((pair) => `\\U${pair.codePointAt(0)!.toString(16).padStart(8, "0")}`);

/** Source text within a literal. */
export class Source {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** How a language writes what differs from JSON. */
type Dialect = {
  readonly true: string;
  readonly false: string;
  readonly null: string;
  readonly key: (key: string) => string;
  readonly quote: (text: string) => string;
};

const JAVASCRIPT: Dialect = {
  true: "true",
  false: "false",
  null: "null",
  // Written plainly it would set the prototype.
  key: (key) => (key === "__proto__" ? '["__proto__"]' : /^[A-Za-z_$][\w$]*$/.test(key) ? key : quoteJs(key)),
  quote: quoteJs,
};
const PYTHON: Dialect = { true: "True", false: "False", null: "None", key: quotePython, quote: quotePython };

/** JSON, and {@link Source} in it, as a JavaScript literal. */
export const jsLiteral = (value: unknown): string => literal(value, JAVASCRIPT, "", "  ");

/** The same as a Python literal. */
export const pythonLiteral = (value: unknown): string => literal(value, PYTHON, "", "    ");

/** On one line where there is room. */
function literal(value: unknown, dialect: Dialect, indent: string, step: string): string {
  if (value instanceof Source) return value.text;
  if (typeof value === "string") return dialect.quote(value);
  if (typeof value === "boolean") return value ? dialect.true : dialect.false;
  if (typeof value !== "object" || value === null) return value === null ? dialect.null : JSON.stringify(value);
  const inner = indent + step;
  const parts = Array.isArray(value)
    ? value.map((item) => literal(item, dialect, inner, step))
    : Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([key, item]) => `${dialect.key(key)}: ${literal(item, dialect, inner, step)}`);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const space = dialect === JAVASCRIPT && open === "{" && parts.length > 0 ? " " : "";
  const line = `${open}${space}${parts.join(", ")}${space}${close}`;
  if (line.length + indent.length < 100 && !line.includes("\n")) return line;
  return `${open}\n${parts.map((part) => `${inner}${part},\n`).join("")}${indent}${close}`;
}
