// Exported programs are put together of pieces of source text: only those that a model needs, each after the pieces it needs itself.
import { GmnmError } from "../errors.ts";
import type { LayerConfig } from "../nn/layer.ts";

/** Source text and the names of the pieces it builds on. */
export type Piece = { readonly source: string; readonly needs?: readonly string[] };
/** Pieces by name; those of layers are called like the layers' types. */
export type Pieces = Readonly<Record<string, Piece>>;

/** The sources of the named pieces and of all they need, every piece once and after what it needs. */
export function collectPieces(names: Iterable<string>, pieces: Pieces): string[] {
  const taken = new Map<string, string>();
  const take = (name: string): void => {
    if (taken.has(name)) return;
    for (const need of pieces[name].needs ?? []) take(need);
    taken.set(name, pieces[name].source.trim());
  };
  for (const name of names) take(name);
  return [...taken.values()];
}

/** The types of a layer and of all layers within it, each once. */
export function typesOf(config: LayerConfig): Set<string> {
  const types = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const { type } = node as { type?: unknown };
    if (typeof type === "string") types.add(type);
    for (const child of Object.values(node)) visit(child);
  };
  visit(config);
  return types;
}

/** Throws, naming the layer, where one has no piece. */
export function expectPieces(format: string, config: LayerConfig, pieces: Pieces): void {
  const missing = [...typesOf(config)].find((type) => !Object.hasOwn(pieces, type));
  if (missing === undefined) return;
  throw new GmnmError(`cannot export a layer of type ${missing} to ${format}; to onnx every layer can be exported`);
}
