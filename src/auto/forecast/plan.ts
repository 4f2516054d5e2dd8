import { GmnmError } from "../../errors.ts";
import { findSeasons } from "./seasons.ts";
import { calendarOf, columnOf, nameOf, rowsOf, type Series } from "./series.ts";
import { usualHorizon } from "./spacing.ts";

/** Which forecaster is trained. "gmnm" is linear forecasts, chosen among many, with a mixture of Gaussians beside them where that helps. */
export const forecasterNames = ["gmnm", "nlinear", "dlinear", "lstm"] as const;
export type ForecasterName = (typeof forecasterNames)[number];

/** What a fit is going to do: fixed before training begins, so that the same plan, data and seed give the same model. Plain JSON. */
export type ForecastPlan = {
  kind: "forecast";
  version: 1;
  model: ForecasterName;
  rows: number;
  lookback: number;
  horizon: number;
  /** The main season first. */
  seasons: number[];
  /** Folds of rolling origins by which forecasts are chosen. */
  folds: number;
  /** Ridges of the regressions that are tried. */
  ridges: number[];
  /** Whether regressions one step ahead, iterated, are tried: for short series. */
  iterated: boolean;
  /** Steps of one training, and networks whose mean the mixture is; 0 steps where there is no time, or too little data, for one. */
  training: { steps: number; members: number };
};

/** Windows to learn from that must be left where forecasts are compared with what lies behind them. */
const FEWEST_WINDOWS = 4;
const [MANY_RIDGES, FEW_RIDGES] = [
  [1e-4, 1e-3, 1e-2, 1e-1, 1, 5],
  [1e-3, 1e-1, 3],
];
/** Multiplications in a second by the regressions here, on a slow core. */
const SPEED = 4e8;
/** A fifth of the time for linear forecasts. */
const LINEAR_SHARE = 0.2;
/** Up to this lookback a regression may also be one step ahead, iterated. */
const ITERATED_LOOKBACK = 120;
/** A mixture needs so many windows to learn from. */
const MIXTURE_WINDOWS = 60;

/** What of a plan the caller may fix. */
export type PlanOptions = {
  targets: readonly number[];
  horizon?: number;
  lookback?: number;
  model?: ForecasterName;
  timeBudget: number;
};

/** Chooses seasons, horizon, lookback and the extent of the search from the data's length and spacing. All rules are our choice. */
export function makePlan(series: Series, options: PlanOptions): ForecastPlan {
  const rows = rowsOf(series);
  const calendar = calendarOf(series);
  const columns = options.targets.map((index) => columnOf(series, index));
  const seasons = findSeasons(columns, calendar?.seasons ?? []).filter((season) => season <= rows / 2);
  const [season] = seasons;
  const usual = season && season <= 64 ? season : usualHorizon(calendar?.spacing);
  const horizon = options.horizon ?? Math.max(1, Math.min(usual, Math.floor(rows / 10)));
  const lookback = options.lookback ?? usualLookback(rows, horizon, seasons);
  const windows = rows - lookback - horizon + 1;
  const needed = lookback + 2 * horizon + FEWEST_WINDOWS - 1;
  if (rows < needed) {
    throw new GmnmError(
      `${nameOf(series)} has ${rows} rows, too few for a lookback of ${lookback} and a horizon of ${horizon}: at least ${needed} are needed`,
    );
  }
  const size = { rows, lookback, horizon };
  const search = (folds: number, ridges: number[]) =>
    cost(size, columns.length, folds, ridges.length) < LINEAR_SHARE * options.timeBudget * SPEED;
  const thorough = search(2, MANY_RIDGES);
  const folds = rows < 600 ? 4 : thorough || search(2, FEW_RIDGES) ? 2 : 1;
  return {
    kind: "forecast",
    version: 1,
    model: options.model ?? "gmnm",
    ...size,
    seasons,
    folds,
    ridges: thorough ? MANY_RIDGES : FEW_RIDGES,
    iterated: lookback <= ITERATED_LOOKBACK && horizon > 1,
    training: windows < MIXTURE_WINDOWS ? { steps: 0, members: 0 } : { steps: 600, members: 3 },
  };
}

/** Three seasons where the series is long enough, two of long ones; without seasons three horizons. */
function usualLookback(rows: number, horizon: number, seasons: readonly number[]): number {
  const room = Math.max(2, Math.floor((rows - horizon) / 3)); // twice as many windows as times in each
  const [season] = seasons;
  if (!season) return Math.max(1, Math.min(Math.max(3 * horizon, 48), Math.floor(rows / 6), 336));
  const longest = Math.max(...seasons);
  const wanted = Math.max(3 * season <= 512 ? 3 * season : 2 * season, longest <= 400 ? 2 * longest : 0);
  return wanted <= room ? wanted : room >= season ? Math.floor(room / season) * season : room;
}

/** Multiplications of the linear search, roughly. */
function cost(size: { lookback: number; horizon: number }, columns: number, folds: number, ridges: number): number {
  const { lookback: l, horizon: h } = size;
  const kinds = 3;
  return columns * (folds + 1) * kinds * (ridges * (l ** 3 / 6 + 2 * l * l * h) + 2 * l * l * h);
}
