/** At most this many suggestions help. */
const MOST = 3;

/**
 * The names that were probably meant by a misspelt one, the nearest first: those that differ by a few letters added, left out, changed or
 * swapped, or in case only.
 *
 * @example
 * ```ts
 * nearest("prcie", ["price", "size"]); // ["price"]
 * ```
 */
export function nearest(text: string, names: readonly string[]): string[] {
  const wanted = simple(text);
  const limit = Math.max(1, Math.floor(wanted.length / 3)); // letters, and never more than half of the name
  return names
    .map((name) => ({ name, distance: editDistance(wanted, simple(name), limit) }))
    .filter(({ name, distance }) => distance <= limit && 2 * distance <= Math.max(wanted.length, name.length))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MOST)
    .map(({ name }) => name);
}

/** Names are short; what is longer is cut, for the distance takes time by the product of the lengths. */
const simple = (text: string): string =>
  text
    .slice(0, 100)
    .toLowerCase()
    .replace(/[\s_.-]+/g, "");

/** Damerau's distance with swaps of neighbours ("optimal string alignment"); Infinity where it is certainly above the limit. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return Number.POSITIVE_INFINITY;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = above[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(change, above[j] + 1, row[j - 1] + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    [before, above] = [above, row];
  }
  return above[b.length];
}
