// What works in a browser: everything but reading files.
export type { AugmentOptions } from "./augment.ts";
export { type Dataset, type ExampleDataset, subset } from "./dataset.ts";
export { type GeneratedSeriesOptions, generatedSeries } from "./generated-series.ts";
export { type GlyphOptions, glyphImages } from "./glyphs.ts";
export { type Images, imageDataset, imagesToTensors, selectImages } from "./images.ts";
export { type Scaler, standardScaler } from "./scaling.ts";
export { decodeSeries, sliceSeries, type TimeSeries } from "./series.ts";
export {
  ettHourly,
  ettQuarterHourly,
  type SeriesSplits,
  type SplitSizes,
  sevenOneTwo,
  splitSeries,
} from "./series-splits.ts";
export { type WindowOptions, windows } from "./windows.ts";
