// What a hand does to one Gaussian of a mixture: move it, widen it, weigh it. The parameters given stay as they are.
import type { ParamTensors, Tensor } from "../gmnm.ts";

/** A change of one component: where its centre goes, by what its width and its weights are multiplied. */
export type Edit = { center?: readonly number[]; widen?: number; weigh?: number };

/** One edit that does what two do one after the other. */
export function together(first: Edit, then: Edit): Edit {
  const product = (name: "widen" | "weigh") =>
    first[name] === undefined && then[name] === undefined ? {} : { [name]: (first[name] ?? 1) * (then[name] ?? 1) };
  return { ...first, ...then, ...product("widen"), ...product("weigh") };
}

/** Parameters of a `gmnm` or `rbf` layer with component k changed. */
export function editComponent(params: ParamTensors, k: number, { center, widen, weigh }: Edit): ParamTensors {
  const next = { ...(params as Record<string, Tensor>) };
  if (widen !== undefined) widenComponent(next, k, widen);
  if (center) moveComponent(next, k, center);
  if (weigh !== undefined) {
    const outputs = next.weights.shape[1];
    next.weights = changed(next.weights, (data) => {
      for (let o = 0; o < outputs; o++) data[k * outputs + o] *= weigh;
    });
  }
  return next;
}

function changed({ data, shape }: Tensor, change: (data: Float32Array) => void): Tensor {
  const copy = data.slice();
  change(copy);
  return { data: copy, shape };
}

/** Entry (j, r) of component k's P in each of the layouts (d, r, m), (d, m) and (m); a diagonal P has entries at j = r only. */
function projection({ data, shape }: Tensor, k: number, j: number, r: number): number {
  const m = shape[shape.length - 1];
  if (shape.length === 3) return data[(j * shape[1] + r) * m + k];
  if (j !== r) return 0;
  return data[shape.length === 2 ? j * m + k : k];
}

function moveComponent(params: Record<string, Tensor>, k: number, center: readonly number[]): void {
  const { centers, offsets, projections } = params;
  if (centers) {
    params.centers = changed(centers, (data) => data.set(center, k * center.length));
    return;
  }
  // What is learnt is P μ.
  const [rank, m] = offsets.shape;
  params.offsets = changed(offsets, (data) => {
    for (let r = 0; r < rank; r++)
      data[r * m + k] = center.reduce((sum, mu, j) => sum + projection(projections, k, j, r) * mu, 0);
  });
}

function widenComponent(params: Record<string, Tensor>, k: number, by: number): void {
  const divide = (t: Tensor) =>
    changed(t, (data) => {
      const m = t.shape[t.shape.length - 1];
      for (let i = k; i < data.length; i += m) data[i] /= by;
    });
  params.projections = divide(params.projections);
  if (params.offsets) params.offsets = divide(params.offsets);
}
