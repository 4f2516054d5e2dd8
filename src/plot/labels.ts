/** Places at least a gap apart, as near to the wanted ones as one pass down from `low` and one up from `high` bring them. */
export function apart(wanted: readonly number[], gap: number, low: number, high: number): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a] - wanted[b]);
  const places = [...wanted];
  let next = low;
  for (const i of order) {
    places[i] = Math.max(places[i], next);
    next = places[i] + gap;
  }
  next = high;
  for (const i of order.reverse()) {
    places[i] = Math.min(places[i], next);
    next = places[i] - gap;
  }
  return places;
}

/** A label cut off with an ellipsis where it is longer than so many letters. */
export const shorten = (label: string, letters: number): string =>
  label.length <= letters ? label : `${label.slice(0, Math.max(0, letters - 1)).trimEnd()}…`;
