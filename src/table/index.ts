export * from "./portable.ts";
export { type ReadTableOptions, readTable } from "./read-file.ts";
