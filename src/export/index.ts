export {
  EXPORT_FILES,
  type Exported,
  type ExportFormat,
  type ExportOptions,
  exportFormats,
  exportModel,
} from "./export-model.ts";
