export { type Candidate, type ModelName, modelNames } from "./candidates.ts";
export { checkPlan } from "./check-plan.ts";
export type { CandidateReport, MemberHistory, Validation } from "./choose.ts";
export { type FitTableOptions, type FitTableResult, fitTable, type TableProgress } from "./fit-table.ts";
export {
  type EvaluateForecastOptions,
  evaluateForecast,
  type FitForecastOptions,
  type Forecast,
  type ForecastErrors,
  type ForecastEvaluation,
  type ForecasterName,
  type ForecastFit,
  type ForecastPlan,
  type ForecastProgress,
  fitForecast,
  forecasterNames,
  forecastNext,
  type PreparedSeries,
  type Series,
  type SeriesTable,
  type TargetErrors,
  type ToSeriesOptions,
  toSeries,
} from "./forecast.ts";
export { type Plan, planOf } from "./plan.ts";
export type { Scores } from "./scores.ts";
export { folderStore, memoryStore, type Store } from "./store.ts";
export type { TableTask } from "./types.ts";
