// Random chains of movements, as a view and as plain numbers.
import fc from "fast-check";
import { expect } from "vitest";
import type { Graph, TypedData, Value } from "../../../src/compile/graph.ts";
import { broadcast, broadcastTo, reshape, shapeOf, transpose, type View, viewOf } from "../../../src/compile/view.ts";
import { sizeOf } from "../../../src/tensor.ts";

/** Numbers with a shape, as a reference: every operation makes all of them anew. */
export type Plain = { data: number[]; shape: readonly number[] };

const stridesOf = (shape: readonly number[]) => shape.map((_, i) => sizeOf(shape.slice(i + 1)));
const indexIn = (shape: readonly number[], flat: number) =>
  stridesOf(shape).map((stride, i) => Math.floor(flat / stride) % shape[i]);
export const gather = (shape: readonly number[], from: (index: number[]) => number): Plain => ({
  shape,
  data: Array.from({ length: sizeOf(shape) }, (_, flat) => from(indexIn(shape, flat))),
});
export const at = ({ data, shape }: Plain, index: readonly number[]) =>
  data[stridesOf(shape).reduce((sum, stride, i) => sum + stride * index[i], 0)];

/** What an ONNX graph of movements computes. */
export function evaluate(value: Value, inputs: ReadonlyMap<Value, Plain>): Plain {
  const given = inputs.get(value);
  if (given) return given;
  const [source] = value.inputs.map((input): Plain => {
    if (input.op === "Constant") return { data: Array.from(input.data as TypedData, Number), shape: input.shape };
    return evaluate(input, inputs);
  });
  const { op, shape } = value;
  if (op === "Reshape") {
    expect(sizeOf(shape)).toBe(source.data.length);
    return { data: source.data, shape };
  }
  if (op === "Transpose") {
    const perm = value.attributes.perm as number[];
    expect(shape).toEqual(perm.map((i) => source.shape[i]));
    return gather(shape, (index) =>
      at(
        source,
        perm.map((_, i) => index[perm.indexOf(i)]),
      ),
    );
  }
  if (op === "Expand") {
    expect(source.shape).toHaveLength(shape.length);
    return gather(shape, (index) =>
      at(
        source,
        index.map((i, dim) => (source.shape[dim] === 1 ? 0 : i)),
      ),
    );
  }
  throw new Error(`unexpected ${op}`);
}

/** What a view means: dimension by dimension, its axes say where in the base an element lies. */
export const meaning = (view: View, base: Plain): Plain =>
  gather(shapeOf(view), (index) => {
    let place = 0;
    for (const [dim, axes] of view.dims.entries()) {
      let rest = index[dim];
      for (const { size, stride } of axes.toReversed()) {
        place += (rest % size) * stride;
        rest = Math.floor(rest / size);
      }
    }
    return base.data[place] * view.scale;
  });

export const shapes = fc
  .constantFrom([1, 2, 3], [1, 2, 4], [1, 3, 6])
  .chain((sizes) => fc.array(fc.constantFrom(...sizes), { maxLength: 4 }));
export const movements = fc.array(
  fc.record({
    kind: fc.constantFrom("reshape", "transpose", "broadcast", "repeat"),
    picks: fc.array(fc.nat(59), { minLength: 5, maxLength: 5 }),
  }),
  { maxLength: 6, size: "max" },
);

export const MOST = 500;

/** A view that a chain of movements made of an input, and the numbers that it means. */
export type Chain = { view: View; plain: Plain; base: Plain; input: Value };

export function chain(graph: Graph, shape: number[], steps: { kind: string; picks: number[] }[]): Chain {
  const input = graph.input(shape, "float32");
  const base: Plain = { shape, data: Array.from({ length: sizeOf(shape) }, (_, i) => i + 1) };
  let [view, plain] = [viewOf(input), base];
  for (const { kind, picks } of steps) {
    let k = 0;
    const below = (n: number) => picks[k++ % picks.length] % n;
    const rank = plain.shape.length;
    if (kind === "reshape") {
      const next: number[] = [];
      for (let rest = plain.data.length; rest > 1 && next.length < 5; ) {
        const divisors = Array.from({ length: rest }, (_, i) => i + 1).filter((n) => rest % n === 0);
        next.push(next.length === 4 ? rest : divisors[below(divisors.length)]);
        rest /= next.at(-1)!;
      }
      view = reshape(graph, view, next);
      plain = { data: plain.data, shape: next };
    } else if (kind === "transpose") {
      const rest = Array.from({ length: rank }, (_, i) => i);
      const perm = Array.from({ length: rank }, () => rest.splice(below(rest.length), 1)[0]);
      const source = plain;
      view = transpose(view, perm);
      plain = gather(
        perm.map((i) => source.shape[i]),
        (index) =>
          at(
            source,
            perm.map((_, i) => index[perm.indexOf(i)]),
          ),
      );
    } else if (kind === "broadcast") {
      const place = below(rank + 1);
      const next = plain.shape.toSpliced(place, 0, 1 + below(3));
      if (sizeOf(next) > MOST || next.length > 6) continue;
      const source = plain;
      view = broadcast(view, next, [place]);
      plain = gather(next, (index) => at(source, index.toSpliced(place, 1)));
    } else {
      const next = [1 + below(2), ...plain.shape.map((size) => (size === 1 ? 1 + below(3) : size))];
      if (sizeOf(next) > MOST || next.length > 6) continue;
      const source = plain;
      view = broadcastTo(view, next);
      plain = gather(next, ([, ...index]) =>
        at(
          source,
          index.map((i, dim) => (source.shape[dim] === 1 ? 0 : i)),
        ),
      );
    }
  }
  return { view, plain, base, input };
}
