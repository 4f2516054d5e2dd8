/** A column to write. */
export type OutputColumn = { name: string; values: ArrayLike<string | number | undefined> };

/**
 * Columns as the text of a CSV file with a header. Numbers are written so that they read back exactly; what is undefined or not finite is left
 * empty; text is quoted where it must be.
 *
 * @example
 * ```ts
 * writeCsv([{ name: "price", values: [1.5, 2] }, { name: "city", values: ["Bonn", "Graz, Styria"] }]);
 * ```
 */
export function writeCsv(columns: readonly OutputColumn[]): string {
  const rows = Math.max(0, ...columns.map(({ values }) => values.length));
  const lines = [columns.map(({ name }) => quote(name, columns.length))];
  for (let i = 0; i < rows; i++) lines.push(columns.map(({ values }) => show(values[i], columns.length)));
  return lines.map((fields) => `${fields.join(",")}\n`).join("");
}

function show(value: string | number | undefined, columns: number): string {
  if (typeof value === "string") return quote(value, columns);
  if (value === undefined || !Number.isFinite(value)) return quote("", columns);
  return Object.is(value, -0) ? "-0" : String(value);
}

/** Blanks at the ends would be left out by readers, and a line with nothing on it altogether. */
function quote(text: string, columns: number): string {
  const mustBe = /[",;\t|\r\n\ufeff]|^\s|\s$/.test(text) || (text === "" && columns === 1);
  return mustBe ? `"${text.replaceAll('"', '""')}"` : text;
}
