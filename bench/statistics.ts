/** The q-quantile of values, interpolated between neighbours. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return below + (above - below) * (at % 1);
}

/** The exponent p of y ≈ c · xᵖ by least squares of the logarithms; undefined for fewer than two points. */
export function logLogSlope(points: readonly (readonly [x: number, y: number])[]): number | undefined {
  if (points.length < 2) return undefined;
  const logs = points.map((point) => point.map(Math.log));
  const [meanX, meanY] = [0, 1].map((j) => logs.reduce((sum, log) => sum + log[j], 0) / logs.length);
  const covariance = logs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return covariance / logs.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}
