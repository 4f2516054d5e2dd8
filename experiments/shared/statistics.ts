export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Standard deviation of a sample (n − 1); 0 for a single value. */
export function standardDeviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const center = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (values.length - 1));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Mean and standard deviation of the differences of two lists, pair by pair: what two models with the same seeds have in common, such as the
 * data and its order, cancels.
 */
export function pairedDifference(
  values: readonly number[],
  baseline: readonly number[],
): { mean: number; sd: number; pairs: number } {
  const differences = values.map((value, i) => value - baseline[i]).slice(0, baseline.length);
  return { mean: mean(differences), sd: standardDeviation(differences), pairs: differences.length };
}

/** Student's t, two-sided at 95 %, for 2, 3, … pairs. */
const T95 = [12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26];

/** What a difference of errors says, seed by seed, at 95 % (paired t-test): two or three seeds say little. Nothing of one. */
export function verdictOf(difference: {
  mean: number;
  sd: number;
  pairs: number;
}): "better" | "level" | "worse" | undefined {
  const { mean, sd, pairs } = difference;
  if (pairs < 2 || !Number.isFinite(mean)) return undefined;
  const margin = ((T95[pairs - 2] ?? 2.23) * sd) / Math.sqrt(pairs);
  if (Math.abs(mean) <= margin) return "level";
  return mean < 0 ? "better" : "worse";
}
