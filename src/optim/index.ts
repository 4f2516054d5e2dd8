export { type AdamOptions, type AdamWOptions, adam, adamw } from "./adam.ts";
export { type Lbfgs, type LbfgsOptions, lbfgs } from "./lbfgs.ts";
export { isProjection } from "./scale-by-size.ts";
export { constant, cosine, warmup } from "./schedules.ts";
export { type SgdOptions, sgd } from "./sgd.ts";
export { chain, clipByGlobalNorm, type Optimizer, type Schedule, type Transform } from "./transform.ts";
