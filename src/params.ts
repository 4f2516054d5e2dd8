import { type Device, type numpy as np, tree } from "@jax-js/jax";
import { GmnmError } from "./errors.ts";
import type { Params } from "./nn/layer.ts";
import { showShape, sizeOf, type Tensor, toArray, toTensor } from "./tensor.ts";

/** {@link Params} in ordinary memory: what trained models hold, and what files store. */
export type ParamTensors = Tensor | ParamTensors[] | { [key: string]: ParamTensors };

/** The key under which a layer keeps arrays that are not trained. */
const BUFFERS = "buffers";

const isTensor = (node: ParamTensors): node is Tensor => ArrayBuffer.isView((node as Tensor).data);
// Inside a traced function the leaves are tracers, not arrays, so a leaf is what is neither a list nor a plain object.
const isArray = (node: Params): node is np.Array =>
  !Array.isArray(node) && Object.getPrototypeOf(node) !== Object.prototype;

/** Every leaf of a tree with its dotted path, such as "0.weights", in a fixed order. */
function* leavesOf<T>(node: unknown, isLeaf: (node: unknown) => boolean, path: string[]): Generator<[string, T]> {
  if (isLeaf(node)) yield [path.join("."), node as T];
  else for (const [key, child] of Object.entries(node as object)) yield* leavesOf<T>(child, isLeaf, [...path, key]);
}

/** The arrays of a parameter tree by dotted path; does not consume them. */
export const namedArrays = (params: Params): [string, np.Array][] => [
  ...leavesOf<np.Array>(params, (node) => isArray(node as Params), []),
];

/** The tensors of a parameter tree by dotted path. */
export const namedTensors = (params: ParamTensors): [string, Tensor][] => [
  ...leavesOf<Tensor>(params, (node) => isTensor(node as ParamTensors), []),
];

/** A tree of the same form with every leaf replaced. */
export function mapParams<T>(params: Params, change: (array: np.Array, path: string) => T): unknown {
  const walk = (node: Params, path: string[]): unknown => {
    if (isArray(node)) return change(node, path.join("."));
    if (Array.isArray(node)) return node.map((child, i) => walk(child, [...path, String(i)]));
    return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, walk(child, [...path, key])]));
  };
  return walk(params, []);
}

/** Reads a parameter tree back from wasm to the host; does not consume it. */
export const readParams = (params: Params): ParamTensors =>
  mapParams(params, (array) => toTensor(array.ref)) as ParamTensors;

/** The same from any device: WebGPU can only be read asynchronously. */
export async function fetchParams(params: Params): Promise<ParamTensors> {
  const read = async (array: np.Array) => ({ data: new Float32Array(await array.ref.data()), shape: array.shape });
  const tensors = new Map(
    await Promise.all(namedArrays(params).map(async ([path, array]) => [path, await read(array)] as const)),
  );
  return mapParams(params, (_, path) => tensors.get(path)!) as ParamTensors;
}

/** A tree of the same form with every tensor replaced. */
export function mapTensors<T>(params: ParamTensors, change: (tensor: Tensor) => T): unknown {
  if (isTensor(params)) return change(params);
  if (Array.isArray(params)) return params.map((child) => mapTensors(child, change));
  return Object.fromEntries(Object.entries(params).map(([key, child]) => [key, mapTensors(child, change)]));
}

/** Copies a parameter tree to a device; the caller owns the arrays. */
export const placeParams = (params: ParamTensors, device?: Device): Params =>
  mapTensors(params, (tensor) => toArray(tensor, device)) as Params;

/** True for the path of an array that belongs to the layer but is not trained. */
export const isBuffer = (path: string): boolean => path.split(".").includes(BUFFERS);

/** Number of trained numbers. */
export const countParameters = (params: ParamTensors): number =>
  namedTensors(params).reduce((sum, [path, { shape }]) => sum + (isBuffer(path) ? 0 : sizeOf(shape)), 0);

/**
 * A tree filled with named tensors, its form and shapes given by an example.
 * @throws GmnmError naming a tensor that is missing, unknown or of the wrong shape.
 */
export function fillParams(example: ParamTensors, tensors: ReadonlyMap<string, Tensor>): ParamTensors {
  const expected = new Map(namedTensors(example));
  const unknown = [...tensors.keys()].find((path) => !expected.has(path));
  if (unknown !== undefined) throw new GmnmError(`tensor "${unknown}" does not belong to this model`);
  const fill = (node: ParamTensors, path: string[]): ParamTensors => {
    if (isTensor(node)) {
      const name = path.join(".");
      const found = tensors.get(name);
      if (!found) throw new GmnmError(`tensor "${name}" of shape ${showShape(node.shape)} is missing`);
      if (showShape(found.shape) !== showShape(node.shape)) {
        throw new GmnmError(`tensor "${name}" must have shape ${showShape(node.shape)}, got ${showShape(found.shape)}`);
      }
      return found;
    }
    if (Array.isArray(node)) return node.map((child, i) => fill(child, [...path, String(i)]));
    return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, fill(child, [...path, key])]));
  };
  return fill(example, []);
}

/** The arrays that are trained, by path, and a function that puts trained arrays and buffers together again. */
export function partition(params: Params): {
  trainable: Record<string, np.Array>;
  buffers: Record<string, np.Array>;
  combine: (trainable: Record<string, np.Array>, buffers: Record<string, np.Array>) => Params;
} {
  const arrays = namedArrays(params);
  const pick = (buffer: boolean) => Object.fromEntries(arrays.filter(([path]) => isBuffer(path) === buffer));
  return {
    trainable: pick(false),
    buffers: pick(true),
    combine: (trainable, buffers) =>
      mapParams(params, (_, path) => (isBuffer(path) ? buffers[path] : trainable[path])) as Params,
  };
}

/** Releases every array of a tree. */
export const disposeParams = (params: Params): void => tree.dispose(params);
