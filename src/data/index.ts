export { type Cifar, readCifar10, readCifar100 } from "./cifar.ts";
export type { ReadOptions } from "./file.ts";
export { readFashionMnist, readMnist } from "./mnist.ts";
export * from "./portable.ts";
export { readSeries } from "./read-series.ts";
