// What a training is, in a few short texts: a snapshot of another training must not be continued by accident.
import { makeJaxpr, numpy as np, tree } from "@jax-js/jax";
import { ready } from "../compile/executor.ts";
import { type Dataset, isDataset } from "../data/dataset.ts";
import { hashTensors, hashText } from "../digest.ts";
import type { Params } from "../nn/layer.ts";
import { isLbfgs } from "../optim/lbfgs.ts";
import type { Optimizer } from "../optim/transform.ts";
import { namedTensors, partition, placeParams } from "../params.ts";
import { allRows, rowsOf, type Tensors } from "./batches.ts";
import { sampleBatch, stepsPerEpoch, type Training } from "./descend.ts";

/** Short texts and hashes by what they are of. */
export type Fingerprint = Readonly<Record<string, string>>;

/** So many rows of a data set, spread over it, stand for all. */
const HASHED_ROWS = 256;
/** The schedule of learning rates is told by its values at so many steps. */
const RATES = 9;

/**
 * Tells a training from others by everything that changes its result: options, data, starting parameters, and the computation itself, for
 * which loss and optimiser are traced, since functions cannot be compared.
 *
 * @param own what the caller knows of the training; "start" in place of the hash of the starting parameters.
 */
export async function fingerprintOf(
  { objective, params, data, options, optimizer }: Training,
  own: Readonly<Record<string, unknown>> = {},
): Promise<Fingerprint> {
  const { epochs, batchSize, seed = 0, validateEvery, executor = "auto" } = options;
  await ready(executor);
  const sample = isLbfgs(optimizer) ? allRows(data) : sampleBatch(data, batchSize);
  const traced = (p: Params, batch: Params) =>
    objective(p, batch as Record<string, np.Array>, { training: true, uniform: (shape) => np.zeros(shape) });
  const parts = {
    epochs,
    batchSize: batchSize ?? "all rows",
    seed,
    validateEvery: options.validate && validateEvery,
    executor,
    start: own.start ?? (await hashTensors(namedTensors(params))),
    data: await hashData(data),
    loss: await hashText(traceOf(traced, placeParams(params), placeParams(sample))),
    optimizer: isLbfgs(optimizer) ? optimizer : await hashText(updateOf(optimizer, placeParams(params))),
    "learning rate": isLbfgs(optimizer)
      ? undefined
      : Array.from({ length: RATES }, (_, i) => {
          const steps = epochs * stepsPerEpoch(data, batchSize);
          return optimizer.learningRate(Math.floor((i * steps) / RATES), steps).toPrecision(9);
        }),
    ...own,
  };
  const texts = Object.entries(parts).map(([name, part]) => [
    name,
    typeof part === "string" ? part : (JSON.stringify(part) ?? "none"),
  ]);
  return Object.fromEntries(texts);
}

/** Where two fingerprints differ, as a clause for a message; undefined if they do not. */
export function difference(there: Fingerprint, here: Fingerprint): string | undefined {
  const [a, b] = [new Map(Object.entries(there)), new Map(Object.entries(here))];
  for (const name of new Set([...b.keys(), ...a.keys()])) {
    const [was, is] = [a.get(name) ?? "none", b.get(name) ?? "none"];
    if (was === is) continue;
    const tells = b.has(name) && Math.max(was.length, is.length) <= 40;
    return tells ? `${name}: ${was} there, ${is} here` : `${name.slice(0, 40)} differs`;
  }
  return undefined;
}

/** The rows of a data set that stand for all; tensors as they are. */
export function hashData(data: Tensors | Dataset): Promise<string> {
  if (!isDataset(data)) return hashTensors(Object.entries(data));
  const rows = rowsOf(data);
  const count = Math.min(rows, HASHED_ROWS);
  const some = data.take(Uint32Array.from({ length: count }, (_, i) => Math.floor((i * rows) / count)));
  return hashTensors([["rows", { data: Float64Array.of(rows), shape: [] }], ...Object.entries(some)]);
}

/** What an optimiser does with a gradient, as text. */
function updateOf(optimizer: Optimizer, params: Params): string {
  const { trainable, buffers } = partition(params);
  tree.dispose(buffers);
  const update = (gradient: Params, state: Params, p: Params) => optimizer.update(gradient, state, p) as Params;
  return traceOf(update, tree.ref(trainable), optimizer.init(tree.ref(trainable)), trainable);
}

/** A function as the operations it is made of. Consumes the arguments. */
function traceOf(fn: (...args: Params[]) => Params, ...args: Params[]): string {
  try {
    const { jaxpr } = makeJaxpr(fn)(...args);
    const text = String(jaxpr);
    jaxpr.dispose();
    return text;
  } finally {
    tree.dispose(args);
  }
}
