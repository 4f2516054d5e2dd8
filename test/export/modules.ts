// Exported JavaScript, imported as a program of its own.
import type { Tensor } from "../../src/tensor.ts";

export type ExportedModule = {
  // biome-ignore lint/suspicious/noExplicitAny: what a module says depends on what was exported.
  predict(rows: unknown): any;
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  novelty?(rows: unknown): any;
  schema: Record<string, unknown>;
  /** The layers, where the test exports them too. */
  model?(x: unknown): unknown;
};

/** Imports source text. `also`: names to export beside what the module does itself. */
export async function importSource(source: string, ...also: string[]): Promise<ExportedModule> {
  const text = also.length > 0 ? `${source}\nexport { ${also.join(", ")} };` : source;
  return import(/* @vite-ignore */ `data:text/javascript;base64,${Buffer.from(text).toString("base64")}`);
}

/** The rows of a tensor, as lists within lists. */
export function nested({ data, shape }: Tensor): unknown[] {
  const fold = (at: number, [side, ...inner]: readonly number[]): unknown[] => {
    const size = inner.reduce((product, s) => product * s, 1);
    return Array.from({ length: side }, (_, i) => (inner.length === 0 ? data[at + i] : fold(at + i * size, inner)));
  };
  return fold(0, shape);
}
