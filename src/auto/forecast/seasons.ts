// Which seasons a series has. Candidates come from the calendar and from the autocorrelation; a season counts where its mean pattern explains
// a good part of what a moving average leaves. Our choice, after the strength of a season in R. J. Hyndman, G. Athanasopoulos, "Forecasting:
// Principles and Practice", 3rd edition, section 4.3.

/** The part of the variance that a season must explain, of what is left without the trend. */
const STRENGTH = 0.1;
/** A longer season replaces a shorter one as the main season where it explains so much more. */
const CLEARLY = 0.1;
const LONGEST = 1500;

/** What remains of a series without its moving average over a season; nothing at the ends. */
function detrended(values: Float64Array, season: number): Float64Array {
  const rest = new Float64Array(Math.max(0, values.length - season + 1));
  let sum = 0;
  for (let t = 0; t < season; t++) sum += values[t] ?? 0;
  const half = season >> 1;
  for (let t = 0; t < rest.length; t++) {
    // For an even season the mean over season + 1 values with the ends halved would be centred; half a step off is near enough here.
    rest[t] = values[t + half] - sum / season;
    sum += (values[t + season] ?? 0) - values[t];
  }
  return rest;
}

/**
 * The share of the variance without trend that the mean pattern of a season explains, corrected for the pattern's many numbers: about 0
 * for noise, 1 for a series that repeats itself.
 */
export function seasonalStrength(values: Float64Array, season: number): number {
  const rest = detrended(values, season);
  const n = rest.length;
  if (n < 1.5 * season || n <= season + 1) return 0;
  const sums = new Float64Array(season);
  const counts = new Float64Array(season);
  let total = 0;
  let mean = 0;
  for (let t = 0; t < n; t++) mean += rest[t] / n;
  for (let t = 0; t < n; t++) {
    sums[t % season] += rest[t] - mean;
    counts[t % season]++;
    total += (rest[t] - mean) ** 2;
  }
  // What rounding leaves of a straight line is no variance.
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (!(total > n * (1e-9 * largest) ** 2)) return 0;
  let residual = 0;
  for (let t = 0; t < n; t++) residual += (rest[t] - mean - sums[t % season] / counts[t % season]) ** 2;
  return 1 - residual / (n - season) / (total / (n - 1));
}

/** The strength that noise alone reaches once in a thousand times, about: three standard deviations of a ratio of variances. */
const chance = (rows: number, season: number) => (3 * Math.sqrt(2 * season)) / Math.max(1, rows - 2 * season);

/** Autocorrelation of a series without its straight line, up to a lag. */
export function autocorrelation(values: Float64Array, longest: number): Float64Array {
  const n = values.length;
  const middle = (n - 1) / 2;
  let [mean, slope] = [0, 0];
  for (let t = 0; t < n; t++) mean += values[t] / n;
  for (let t = 0; t < n; t++) slope += ((t - middle) * (values[t] - mean) * 12) / (n * (n * n - 1));
  const rest = values.map((value, t) => value - mean - slope * (t - middle));
  const correlations = new Float64Array(longest + 1);
  for (let lag = 0; lag <= longest; lag++) {
    let sum = 0;
    for (let t = lag; t < n; t++) sum += rest[t] * rest[t - lag];
    correlations[lag] = sum;
  }
  const variance = correlations[0];
  return correlations.map((sum) => (variance > 0 ? sum / variance : 0));
}

/** Lags at which the autocorrelation is highest among all from half to one and a half of the lag, and well above 0; and those beside them. */
function peaks(values: Float64Array): number[] {
  const longest = Math.min(LONGEST, Math.floor(values.length / 3));
  const r = autocorrelation(values, longest);
  const threshold = Math.max(0.2, 3 / Math.sqrt(values.length));
  const found: number[] = [];
  for (let lag = 3; lag < longest; lag++) {
    if (r[lag] < threshold) continue;
    const [from, to] = [Math.ceil(lag / 2), Math.min(longest, Math.floor(lag * 1.4))];
    let highest = true;
    for (let k = from; k <= to && highest; k++) highest = k === lag || r[k] < r[lag];
    if (highest) found.push(lag);
  }
  // Noise moves a peak by a step, and a season one step off explains nothing after some rounds.
  return found.slice(0, 2).flatMap((lag) => [lag, lag - 1, lag + 1]);
}

/**
 * Seasons of a series (one column after the other is looked at), the main one first: that of the seasonal naive forecast.
 *
 * @param calendar what the spacing of the dates suggests.
 */
export function findSeasons(columns: readonly Float64Array[], calendar: readonly number[]): number[] {
  const candidates = new Set([...calendar, ...(calendar.length === 0 ? columns.slice(0, 8).flatMap(peaks) : [])]);
  const found = [...candidates]
    .filter((season) => season >= 2)
    .map((season) => {
      const strengths = columns.map((values) => seasonalStrength(values, season));
      return { season, strength: strengths.reduce((sum, strength) => sum + strength, 0) / strengths.length };
    })
    .filter(
      ({ season, strength }) =>
        strength > STRENGTH + (calendar.includes(season) ? 0 : chance(columns[0].length, season)),
    )
    .sort((a, b) => a.season - b.season);
  // Of seasons that are nearly the same, as peaks of different columns are, the strongest.
  const distinct = found.filter(
    (one) =>
      !found.some(
        (other) => other !== one && Math.abs(other.season / one.season - 1) < 0.2 && other.strength > one.strength,
      ),
  );
  const [first, ...longer] = distinct;
  if (!first) return [];
  let main = first;
  for (const other of longer) if (other.strength > main.strength + CLEARLY) main = other;
  return [main.season, ...distinct.map(({ season }) => season).filter((season) => season !== main.season)].slice(0, 2);
}
