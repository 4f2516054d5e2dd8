export type { MatrixLike } from "../data/matrix.ts";
export { type EarlyStoppingOptions, earlyStopping, timeBudget } from "./callbacks.ts";
export { type Examples, type FitOptions, type FitResult, fit } from "./fit.ts";
export { crossEntropy, huber, type Loss, mae, mse } from "./losses.ts";
export {
  accuracy,
  confusionMatrix,
  type Metric,
  meanAbsoluteError,
  meanSquaredError,
  negativeLogLikelihood,
  r2,
  relativeL2,
  relativeRmse,
  rmse,
} from "./metrics.ts";
export { type MinimizeOptions, type MinimizeResult, minimize, type Objective } from "./minimize.ts";
export { NonFiniteError } from "./non-finite.ts";
export { knowsNovelty, novelty } from "./novelty.ts";
export { evaluate, type PredictOptions, predict } from "./predict.ts";
export { type Predictor, type PredictorOptions, predictor } from "./predictor.ts";
export type { Progress } from "./progress.ts";
export { type PruneOptions, type PruneResult, prune } from "./prune.ts";
export { type ReseedOptions, reseedDead } from "./reseed.ts";
export type { Snapshots } from "./resume.ts";
export type { Callback, EpochRecord, Run, StopReason } from "./run.ts";
export { type StepwiseOptions, type StepwiseTraining, stepwise } from "./stepwise.ts";
