// Numbers that say how the values of a column are spread. Missing values (NaN) are left out by the caller.

/** sign(v) · log(1 + |v|): like v near 0, like its logarithm far from it. */
export const signedLog = (v: number): number => Math.sign(v) * Math.log1p(Math.abs(v));
/** The inverse of {@link signedLog}. */
export const signedExp = (u: number): number => Math.sign(u) * Math.expm1(Math.abs(u));

/** Mean, standard deviation (of the values themselves, not an estimate beyond them) and skewness; 0 without spread. */
export function moments(values: ArrayLike<number>): { mean: number; deviation: number; skewness: number } {
  const n = values.length;
  let largest = 0;
  for (let i = 0; i < n; i++) largest = Math.max(largest, Math.abs(values[i]));
  const unit = largest || 1; // squares of numbers near the largest there are would be infinite
  let mean = 0;
  for (let i = 0; i < n; i++) mean += values[i] / unit / n;
  let [second, third] = [0, 0];
  for (let i = 0; i < n; i++) {
    const d = values[i] / unit - mean;
    second += (d * d) / n;
    third += (d * d * d) / n;
  }
  const deviation = Math.sqrt(second);
  const hasSpread = deviation > 1e-12;
  return {
    mean: mean * unit + 0, // never −0, which JSON cannot say
    deviation: hasSpread ? deviation * unit : 0,
    skewness: hasSpread ? third / deviation ** 3 : 0,
  };
}

/** What numbers are divided by: their deviation, and where they differ by rounding at most, their size, if that is above 1. */
export const scaleOf = ({ mean, deviation }: { mean: number; deviation: number }): number =>
  deviation || Math.max(1, Math.abs(mean));

/** Values below which a share of them lies, between neighbours by straight lines. Takes them sorted. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] === sorted[high] ? sorted[low] : sorted[low] * (1 - (at - low)) + sorted[high] * (at - low);
}

/** The middle value; the mean of the two in the middle of an even number. */
export const median = (values: Float64Array): number => quantile(values.slice().sort(), 0.5) + 0;
