/** Rows of text as columns of equal width: numbers flush right, also those with a spread, a unit or a mark; the rest flush left. */
export function textTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, j) => Math.max(column.length, ...rows.map((row) => row[j].length)));
  const right = columns.map((_, j) => j > 0 && rows.every((row) => /^\s*([-−+–(]?[\d.]|[-–]?\s*$)/.test(row[j])));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, j) => (right[j] ? cell.padStart(widths[j]) : cell.padEnd(widths[j])))
      .join("  ")
      .trimEnd();
  return [line(columns), widths.map((width) => "─".repeat(width)).join("  "), ...rows.map(line)].join("\n");
}
