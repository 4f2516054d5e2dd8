// Curves of models brought to the form uPlot draws: one list of positions for all.

export type Line = { x: readonly number[]; y: readonly number[] };

/** Points that are drawn at most, per curve: more than there are pixels would only take time. */
const MOST = 400;

/** Every n-th point, so that few enough are left, and the last. */
export function thinned({ x, y }: Line, most = MOST): Line {
  const every = Math.ceil(x.length / most);
  if (every <= 1) return { x, y };
  const kept = (_: number, i: number) => i % every === 0 || i === x.length - 1;
  return { x: x.filter(kept), y: y.filter(kept) };
}

/** [x, y of the first, y of the second …], with null where a curve has no point or, on a logarithmic axis, is not positive. */
export function together(lines: readonly Line[], logarithmic = true): [number[], ...(number | null)[][]] {
  const thin = lines.map((line) => thinned(line));
  const x = [...new Set(thin.flatMap((line) => [...line.x]))].sort((a, b) => a - b);
  const places = new Map(x.map((value, i) => [value, i]));
  const columns = thin.map((line) => {
    const column: (number | null)[] = x.map(() => null);
    line.x.forEach((value, i) => {
      if (Number.isFinite(line.y[i]) && !(logarithmic && line.y[i] <= 0)) column[places.get(value)!] = line.y[i];
    });
    return column;
  });
  return [x, ...columns];
}

/** The value of a curve at a position: that of the last point up to there; undefined before the first. */
export function valueAt({ x, y }: Line, position: number): number | undefined {
  let found: number | undefined;
  for (let i = 0; i < x.length && x[i] <= position; i++) found = y[i];
  return found;
}

/** The last position that all curves have reached. */
export const commonEnd = (lines: readonly Line[]): number => Math.min(...lines.map(({ x }) => x.at(-1) ?? 0));
