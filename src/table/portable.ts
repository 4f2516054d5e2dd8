// What works in a browser: everything but reading files.
export { checkPreprocessing } from "./check.ts";
export { parseDate, showDate } from "./dates.ts";
export { type Decoded, decodeOutputs } from "./decode.ts";
export { type ColumnDescription, describeTable } from "./describe.ts";
export { encodeInputs, encodeTarget, featureNames } from "./encode.ts";
export { type FittedPreprocessing, fitPreprocessing, type PreprocessingOptions } from "./fit.ts";
export { type ColumnKind, type InferOptions, inferKind, type Level } from "./infer.ts";
export { inputWarnings } from "./input-warnings.ts";
export type { Input, Preprocessing, SeriesPreprocessing, Target } from "./preprocessing.ts";
export { parseTable, type TableOptions, TableReader } from "./read-csv.ts";
export { type EncodeRowsOptions, encodeRow, encodeRows } from "./rows.ts";
export { type CellKind, kindOfCell, resolveColumn, type Table, type TableColumn, textOfCell } from "./table.ts";
export { inferTask, type TargetTransform, type Task, targetRows } from "./target.ts";
export { type OutputColumn, writeCsv } from "./write-csv.ts";
