import { fitPreprocessing, type PreprocessingOptions } from "../../src/table/fit.ts";
import type { Input } from "../../src/table/preprocessing.ts";
import { parseTable } from "../../src/table/read-csv.ts";

export const fit = (text: string, options: Partial<PreprocessingOptions> = {}) =>
  fitPreprocessing(parseTable(text, { source: "t.csv", header: true }), { target: ["y"], ...options });
export const inputOf = <K extends Input["kind"]>(text: string, options = {}) =>
  fit(text, options).preprocessing.inputs[0] as Extract<Input, { kind: K }>;
export const lines = (n: number, make: (i: number) => string) =>
  Array.from({ length: n }, (_, i) => `${make(i)}\n`).join("");
