export { type ComponentsOptions, components } from "./components.ts";
export { type FieldOptions, field } from "./field.ts";
export { fields } from "./fields.ts";
export type { FrameOptions, PlotBox } from "./frame.ts";
export { type LossCurvesOptions, lossCurves, type Series } from "./loss-curves.ts";
export { formatNumber } from "./numbers.ts";
export { toPng } from "./png.ts";
export { type Cell, htmlReport, type Report, type ReportSection, type ReportTable } from "./report.ts";
export { row } from "./svg.ts";
