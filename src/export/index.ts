export {
  EXPORT_FILES,
  type Exported,
  type ExportFormat,
  type ExportOptions,
  exportFormats,
  exportModel,
} from "./export-model.ts";
export { toJs } from "./js.ts";
export { fromJson, type ModelJson, toJson } from "./json.ts";
export { type PytorchOptions, toPytorch } from "./pytorch.ts";
