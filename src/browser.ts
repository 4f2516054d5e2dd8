// What works in a browser as well as in Node: everything but files and PNG. Bundlers find this file through the exports map.

// The arrays in which layers and objectives are written, from the copy of jax-js that the layers themselves use.
export { numpy as np, tree } from "@jax-js/jax";
export {
  type Batch,
  type CompiledFunction,
  type CompiledStep,
  type CompileOptions,
  compileFunction,
  compileStep,
  type Scalars,
  type Step,
  type StepStart,
} from "./compile/compile.ts";
export { type Executor, ready } from "./compile/executor.ts";
export * from "./data/portable.ts";
export { GmnmError } from "./errors.ts";
export { type DecodeOptions, decodeModel, encodeModel } from "./io/model-file.ts";
export { type OnnxOptions, toOnnx } from "./io/onnx-export.ts";
export type { Model } from "./model.ts";
export * from "./models/index.ts";
export { type ComponentDescription, describeComponents } from "./nn/components.ts";
export * from "./nn/index.ts";
export * from "./optim/index.ts";
export { countParameters, type ParamTensors, placeParams, readParams } from "./params.ts";
export { type ComponentsOptions, components } from "./plot/components.ts";
export { type FieldOptions, field } from "./plot/field.ts";
export { fields } from "./plot/fields.ts";
export type { FrameOptions, PlotBox } from "./plot/frame.ts";
export { type ImageGridOptions, imageGrid } from "./plot/image-grid.ts";
export { type LossCurvesOptions, lossCurves, type Series } from "./plot/loss-curves.ts";
export { row } from "./plot/svg.ts";
export { Random } from "./random.ts";
export * from "./table/portable.ts";
export { type Tensor, tensor } from "./tensor.ts";
export type { Tensors } from "./train/batches.ts";
export { initialParams } from "./train/fit.ts";
export * from "./train/index.ts";
export type { Progress } from "./train/progress.ts";
