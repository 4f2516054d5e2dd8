/** What was read once is kept: a thread runs many trials on the same data, and draws what came of them. */
export function remember<A extends readonly (string | number | undefined)[], R>(
  read: (...args: A) => R,
): (...args: A) => R {
  const known = new Map<string, R>();
  return (...args) => {
    const key = JSON.stringify(args);
    const found = known.get(key) ?? read(...args);
    known.set(key, found);
    return found;
  };
}
