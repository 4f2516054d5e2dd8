/**
 * Trainable mixtures of Gaussians in place of ReLU, sigmoid or softmax: layers, models, optimisers, training, files and figures.
 *
 * @packageDocumentation
 */
export * from "./browser.ts";
export {
  type Cifar,
  type ReadOptions,
  readCifar10,
  readCifar100,
  readFashionMnist,
  readMnist,
  readSeries,
} from "./data/index.ts";
export { type CheckpointOptions, checkpoint, exportOnnx, load, save, snapshotFile, writeAtomic } from "./io/index.ts";
export { toPng } from "./plot/png.ts";
export { type ReadTableOptions, readTable } from "./table/index.ts";
