// Dead components get no gradient: no row activates them. They are moved to where they are of use. The rule is our choice.
import { tree } from "@jax-js/jax";
import { ready } from "../compile/executor.ts";
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
import { showShape, sizeOf, type Tensor, takeRows } from "../tensor.ts";
import { expectFinite, rowsOf, type Tensors } from "./batches.ts";
import { type Mixture, observe, replaceMixtures, rowsToLookAt } from "./mixtures.ts";

/** Options of {@link reseedDead}. */
export type ReseedOptions = {
  /** How wrong each row of a prediction is, (rows, …) both: one number per row, not negative. Default the squared error. */
  rowErrors?: (prediction: Tensor, target: Tensor) => ArrayLike<number>;
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
 * @param data x (rows, …), and y to go by errors; at most 4096 rows, evenly spread, are looked at.
 * @returns the model, and how many components were moved.
 * @example
 * ```ts
 * const { model: revived, moved } = await reseedDead(model, { x, y });
 * const { model: better } = await fit(revived, { x, y }, { epochs: 200 });
 * ```
 * @throws GmnmError for a model without mixtures, for data that does not fit it, and for errors that are not one number ≥ 0 per row.
 */
export async function reseedDead(
  model: Model,
  data: { x: MatrixLike; y?: MatrixLike },
  options: ReseedOptions = {},
): Promise<{ model: Model; moved: number }> {
  await ready();
  const x = toMatrix("x", data.x, { columns: inFeaturesOf(model.layer.config) });
  const y = data.y === undefined ? undefined : toMatrix("y", data.y, { rows: x.shape[0] });
  const examples: Tensors = y ? { x, y } : { x };
  rowsOf(examples);
  expectFinite(examples);
  return reseed(model, { x, y }, options);
}

/** {@link reseedDead} for checked data and a started executor. */
export function reseed(
  model: Model,
  { x, y }: { x: Tensor; y?: Tensor },
  { rowErrors = squaredErrors, layers }: ReseedOptions = {},
): { model: Model; moved: number } {
  const rows = rowsToLookAt(x.shape[0]);
  const { mixtures, output } = observe(model, takeRows(x, rows), layers);
  const errors = y && checkErrors(rowErrors(output, takeRows(y, rows)), rows.length);
  const changes = mixtures.flatMap((mixture) => {
    const change = reseedMixture(mixture, errors);
    return change ? [{ from: mixture, config: mixture.config, ...change }] : [];
  });
  const moved = changes.reduce((sum, change) => sum + change.moved, 0);
  return { model: moved > 0 ? replaceMixtures(model, changes, layers) : model, moved };
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

/** Σ_o (prediction − target)² of each row. */
function squaredErrors(prediction: Tensor, target: Tensor): Float64Array {
  if (showShape(prediction.shape) !== showShape(target.shape)) {
    throw new GmnmError(
      `expected y of shape ${showShape(prediction.shape)}, as the model makes it, got ${showShape(target.shape)}`,
    );
  }
  const width = sizeOf(prediction.shape.slice(1));
  const errors = new Float64Array(prediction.shape[0]);
  prediction.data.forEach((value, i) => {
    errors[Math.floor(i / width)] += (value - target.data[i]) ** 2;
  });
  return errors;
}

function checkErrors(errors: ArrayLike<number>, rows: number): ArrayLike<number> {
  if (errors.length !== rows)
    throw new GmnmError(`rowErrors must give one number per row, ${rows}, got ${errors.length}`);
  const wrong = Array.from(errors).findIndex((error) => !(error >= 0 && error < Infinity));
  if (wrong >= 0)
    throw new GmnmError(`rowErrors must give finite numbers of at least 0, got ${errors[wrong]} for row ${wrong}`);
  return errors;
}
