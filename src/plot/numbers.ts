/** Least and greatest of the finite values that are accepted; undefined when there are none. */
export function rangeOf(values: Iterable<number>, accept = (_: number) => true): [number, number] | undefined {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value) || !accept(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : undefined;
}

const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** 10 to a whole power, such as 10⁻³. */
export const powerOfTen = (exponent: number): string =>
  `10${String(exponent).replace(/./g, (digit) => (digit === "-" ? "⁻" : RAISED[Number(digit)]))}`;

/** A number as it stands in a sentence or a table: up to four digits, a true minus sign, a power of ten where it is far from 1. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value).replace("-", "−");
  const exponent = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  const plain = exponent >= -3 && exponent < 6;
  const text = plain
    ? String(Number(value.toPrecision(exponent < 4 ? 4 : exponent + 1)))
    : (value / 10 ** exponent).toFixed(2);
  return text.replace("-", "−") + (plain ? "" : `×${powerOfTen(exponent)}`);
}

/**
 * Ticks of a logarithmic axis and the format of their labels: powers of ten, or also their multiples where the range holds few powers,
 * or, where it holds few of those, a number of evenly spaced ticks.
 */
export function logTicks(low: number, high: number): { ticks: number[] | number; format: (value: number) => string } {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const powers = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const step = Math.ceil((Math.log10(high) - Math.log10(low)) / 7);
  const inRange = (value: number) => value >= low && value <= high;
  const multiples = (mantissas: number[]) =>
    powers.flatMap((n) => mantissas.map((mantissa) => Number(`${mantissa}e${n}`))).filter(inRange);
  const candidates = [
    powers
      .filter((n) => n % step === 0)
      .map((n) => Number(`1e${n}`))
      .filter(inRange),
    multiples([1, 3]),
    multiples([1, 2, 5]),
  ];
  const ticks = candidates.find((values) => values.length > 2) ?? 5;
  return { ticks, format: low < 1e-4 || high >= 1e5 ? showScientific : (value) => String(value) };
}

/** 10⁻⁴, 3·10⁻⁴. */
function showScientific(value: number): string {
  const [mantissa, exponent] = value.toExponential().split("e");
  return mantissa === "1" ? powerOfTen(Number(exponent)) : `${mantissa}·${powerOfTen(Number(exponent))}`;
}
