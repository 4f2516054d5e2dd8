// The library as a bundler for the browser finds it, and small parts of it that stand for themselves.
export * from "../../src/browser.ts";
export { targetFunctions } from "../../src/data/functions.ts";
export { reasonOf } from "../../src/errors.ts";
export { relativeOver } from "../../src/optim/scale-by-size.ts";
