// Dead components get no gradient: no row activates them. They are moved to where they are of use. The rule is our choice.
import { type numpy as np, tree, vmap } from "@jax-js/jax";
import { ready } from "../compile/executor.ts";
import { type ExampleDataset, isDataset } from "../data/dataset.ts";
import { inFeaturesOf, type MatrixLike, toMatrix } from "../data/matrix.ts";
import { GmnmError } from "../errors.ts";
import type { Model } from "../model.ts";
import { standardDeviations } from "../nn/centers.ts";
import { DEAD, describeComponents } from "../nn/components.ts";
import { projectCenters } from "../nn/gmnm-init.ts";
import { activationsOf, type MixtureParams, takeComponents } from "../nn/mixture.ts";
import { fromConfig, type LayerBuilders } from "../nn/registry.ts";
import { mapTensors, readParams } from "../params.ts";
import { Random } from "../random.ts";
import { type Tensor, type Tensors, takeRows, toArray, toTensor } from "../tensor.ts";
import { expectFinite, rowsOf, toDataset } from "./batches.ts";
import { compare, type Loss, mse } from "./losses.ts";
import { type Mixture, observe, replaceMixtures, rowsToLookAt } from "./mixtures.ts";

/** Options of {@link reseedDead}. */
export type ReseedOptions = {
  /** What is measured on every row by itself, as in `fit`. Default {@link mse}. */
  loss?: Loss;
  /** Builders of layers of one's own, as in `load`. */
  layers?: LayerBuilders;
};

/**
 * Moves the dead components of every `gmnm` and `rbf` layer in a model to rows where the error is largest or, without targets, to rows
 * that the mixture covers least. Each gets the shape of its nearest neighbour that is alive, and weight 0, so that the model computes what it
 * did: what a dead component adds is below 10⁻³ of its weight. In a partition of unity, where every component takes its share, it gets as its
 * weight what the mixture says at its new centre.
 *
 * A component placed on a row makes the rows around less urgent, by 1 − f, so that several do not gather in one place. Components for
 * which no error is left stay where they are.
 *
 * @param data x (rows, …), and y to go by errors, or a data set; at most 4096 rows, evenly spread, are looked at.
 * @returns the model, and how many components were moved.
 * @example
 * ```ts
 * const { model: revived, moved } = await reseedDead(model, { x, y });
 * const { model: better } = await fit(revived, { x, y }, { epochs: 200 });
 * ```
 * @throws GmnmError for a model without mixtures, for data that does not fit it, and for losses that are not finite.
 */
export async function reseedDead(
  model: Model,
  data: { x: MatrixLike; y?: MatrixLike } | ExampleDataset,
  options: ReseedOptions = {},
): Promise<{ model: Model; moved: number }> {
  await ready();
  const all = toDataset(isDataset(data) ? data : matrices(model, data));
  const { x, y } = all.take(rowsToLookAt(all.rows));
  return reseed(model, { x, y }, options);
}

function matrices(model: Model, data: { x: MatrixLike; y?: MatrixLike }): Tensors {
  const x = toMatrix("x", data.x, { columns: inFeaturesOf(model.layer.config) });
  const tensors: Tensors = data.y === undefined ? { x } : { x, y: toMatrix("y", data.y, { rows: x.shape[0] }) };
  rowsOf(tensors);
  expectFinite(tensors);
  return tensors;
}

/** {@link reseedDead} for rows that are checked, all of which are looked at, and a started executor. */
export function reseed(
  model: Model,
  { x, y }: { x: Tensor; y?: Tensor },
  { loss = mse, layers }: ReseedOptions = {},
): { model: Model; moved: number } {
  const { mixtures, output } = observe(model, x, layers);
  const errors = y && lossOfRows(loss, output, y);
  const changes = mixtures.flatMap((mixture) => {
    const change = reseedMixture(mixture, errors);
    return change ? [{ from: mixture, config: mixture.config, ...change }] : [];
  });
  const moved = changes.reduce((sum, change) => sum + change.moved, 0);
  return { model: moved > 0 ? replaceMixtures(model, changes, layers) : model, moved };
}

/** The loss of each row by itself; from 0 up where losses may be negative, for what counts is where they are large. */
function lossOfRows(loss: Loss, prediction: Tensor, target: Tensor): Float32Array {
  const alone = ({ data, shape: [rows, ...inner] }: Tensor) => toArray({ data, shape: [rows, 1, ...inner] });
  const one = (p: np.Array, t: np.Array) => compare(loss, p, t);
  const { data } = toTensor(vmap(one)(alone(prediction), alone(target)));
  const wrong = data.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw new GmnmError(`the loss of row ${wrong} is ${data[wrong]}; dead components cannot go by it`);
  const least = data.reduce((a, b) => Math.min(a, b), 0);
  return data.map((value) => value - least);
}

/** New parameters for a mixture with dead components, and how many of them moved; undefined when none did. */
function reseedMixture(
  { config, params, input }: Mixture,
  errors: ArrayLike<number> | undefined,
): { params: MixtureParams; moved: number } | undefined {
  const f = activationsOf(config, params, input); // (rows, m)
  const [rows, m] = f.shape;
  const strongest = new Float64Array(m);
  const covered = new Float64Array(rows);
  f.data.forEach((value, i) => {
    const [row, k] = [Math.floor(i / m), i % m];
    strongest[k] = Math.max(strongest[k], value);
    covered[row] = Math.max(covered[row], value);
  });
  const dead = Array.from(strongest.keys()).filter((k) => strongest[k] < DEAD);
  const alive = Array.from(strongest.keys()).filter((k) => strongest[k] >= DEAD);
  // Rows of a layer inside may be tokens: they share the error of the row they belong to.
  const share = errors ? rows / errors.length : 1;
  const urgency = covered.map((c, i) => (errors ? errors[Math.floor(i / share)] : Math.max(0, 1 - c)));
  const next = mapTensors(params, ({ data, shape }) => ({ data: data.slice(), shape })) as MixtureParams;
  const shapeFor = dead.length > 0 ? shapesOf({ config, params, input }, alive) : undefined;
  let moved = 0;
  for (const k of dead) {
    const row = urgency.reduce((best, value, i) => (value > urgency[best] ? i : best), 0);
    if (!(urgency[row] > 0)) break;
    const center = takeRows(input, [row]); // (1, inFeatures)
    const projections = shapeFor!(center);
    place(next, k, {
      center,
      projections,
      weight: config.partitionOfUnity ? mixed(params.weights, f, row) : undefined,
    });
    const near = activationsOf(config, takeComponents(next, [k]), input, { normalized: false }); // (rows, 1)
    for (let i = 0; i < rows; i++) urgency[i] *= Math.max(0, 1 - near.data[i]);
    moved++;
  }
  return moved > 0 ? { params: next, moved } : undefined;
}

/** Shapes for new components: that of the nearest component alive, features in units of their spread; where all are dead, as a layer starts. */
function shapesOf({ config, params, input }: Mixture, alive: readonly number[]): (center: Tensor) => Tensor {
  if (alive.length === 0) {
    const start = fromConfig(config).init(new Random(0), input);
    const fresh = takeComponents(readParams(start) as MixtureParams, [0]).projections;
    tree.dispose(start);
    return () => fresh;
  }
  const spread = standardDeviations(input);
  const centers = describeComponents(config, params).map(({ center }) => center);
  return ({ data }) => {
    const distance = (k: number) => centers[k].reduce((sum, c, j) => sum + ((c - data[j]) / spread[j]) ** 2, 0);
    const nearest = alive.reduce((best, k) => (distance(k) < distance(best) ? k : best));
    return takeComponents(params, [nearest]).projections;
  };
}

/** Writes component k: centre (1, inFeatures), projections (…, 1), and its weights, else 0. */
function place(
  { centers, offsets, weights, projections }: MixtureParams,
  k: number,
  one: { center: Tensor; projections: Tensor; weight?: Float64Array },
): void {
  const [m, outFeatures] = weights.shape;
  one.projections.data.forEach((value, i) => {
    projections.data[i * m + k] = value;
  });
  centers?.data.set(one.center.data, k * one.center.data.length);
  if (offsets) {
    projectCenters(one.projections, one.center).data.forEach((value, r) => {
      offsets.data[r * m + k] = value;
    });
  }
  for (let o = 0; o < outFeatures; o++) weights.data[k * outFeatures + o] = one.weight?.[o] ?? 0;
}

/** Σ_k f_k π_k of one row: (m, outFeatures) and (rows, m) → (outFeatures). */
function mixed({ data, shape: [m, outFeatures] }: Tensor, f: Tensor, row: number): Float64Array {
  const sums = new Float64Array(outFeatures);
  for (let k = 0; k < m; k++) {
    for (let o = 0; o < outFeatures; o++) sums[o] += f.data[row * m + k] * data[k * outFeatures + o];
  }
  return sums;
}
