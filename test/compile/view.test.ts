// Views against their meaning: every element of a chain of reshapes, transposes and broadcasts is found by plain index arithmetic.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Graph, type TypedData, type Value } from "../../src/compile/graph.ts";
import {
  align,
  arrange,
  broadcast,
  broadcastTo,
  commonShape,
  contiguous,
  materialize,
  reshape,
  sameShape,
  shapeOf,
  transpose,
  type View,
  viewOf,
} from "../../src/compile/view.ts";
import { sizeOf } from "../../src/tensor.ts";

/** Numbers with a shape, as a reference: every operation makes all of them anew. */
type Plain = { data: number[]; shape: readonly number[] };

const stridesOf = (shape: readonly number[]) => shape.map((_, i) => sizeOf(shape.slice(i + 1)));
const indexIn = (shape: readonly number[], flat: number) =>
  stridesOf(shape).map((stride, i) => Math.floor(flat / stride) % shape[i]);
const gather = (shape: readonly number[], from: (index: number[]) => number): Plain => ({
  shape,
  data: Array.from({ length: sizeOf(shape) }, (_, flat) => from(indexIn(shape, flat))),
});
const at = ({ data, shape }: Plain, index: readonly number[]) =>
  data[stridesOf(shape).reduce((sum, stride, i) => sum + stride * index[i], 0)];

/** What an ONNX graph of movements computes. */
function evaluate(value: Value, inputs: ReadonlyMap<Value, Plain>): Plain {
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
const meaning = (view: View, base: Plain): Plain =>
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

const shapes = fc
  .constantFrom([1, 2, 3], [1, 2, 4], [1, 3, 6])
  .chain((sizes) => fc.array(fc.constantFrom(...sizes), { maxLength: 4 }));
const movements = fc.array(
  fc.record({
    kind: fc.constantFrom("reshape", "transpose", "broadcast", "repeat"),
    picks: fc.array(fc.nat(59), { minLength: 5, maxLength: 5 }),
  }),
  { maxLength: 6, size: "max" },
);

const MOST = 500;

/** A view that a chain of movements made of an input, and the numbers that it means. */
type Chain = { view: View; plain: Plain; base: Plain; input: Value };

function chain(graph: Graph, shape: number[], steps: { kind: string; picks: number[] }[]): Chain {
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

/** Together the axes of non-zero stride run through every element of the base exactly once. */
function expectWhole(view: View) {
  const axes = view.dims.flat().filter(({ stride }) => stride > 0);
  let expected = 1;
  for (const { size, stride } of axes.toSorted((a, b) => a.stride - b.stride)) {
    expect(stride).toBe(expected);
    expected *= size;
  }
  expect(expected).toBe(sizeOf(view.base.shape));
  expect(view.dims.flat().every(({ size }) => size > 1)).toBe(true);
}

describe("a chain of movements", () => {
  test("means the same as moving the numbers, and reads every stored number", () => {
    fc.assert(
      fc.property(shapes, movements, (shape, steps) => {
        const graph = new Graph();
        const { view, plain, base, input } = chain(graph, shape, steps);
        expectWhole(view);
        const stored = view.base === input ? base : evaluate(view.base, new Map([[input, base]]));
        expect(meaning(view, stored)).toEqual(plain);
      }),
      { numRuns: 500 },
    );
  });

  test("written out is what ONNX would compute", () => {
    fc.assert(
      fc.property(shapes, movements, (shape, steps) => {
        const graph = new Graph();
        const { view, plain, base, input } = chain(graph, shape, steps);
        const inputs = new Map([[input, base]]);
        expect(evaluate(materialize(graph, view), inputs)).toEqual(plain);
        const full = contiguous(graph, { ...view, scale: -2 });
        expect(full.scale).toBe(-2);
        expect(meaning({ ...full, scale: 1 }, evaluate(full.base, inputs))).toEqual(plain);
      }),
      { numRuns: 500 },
    );
  });

  test("without a broadcast costs no more than one transpose", () => {
    fc.assert(
      fc.property(shapes, movements, (shape, steps) => {
        const graph = new Graph();
        const still = steps.filter(({ kind }) => kind === "reshape" || kind === "transpose").slice(0, 2);
        const { view } = chain(graph, shape, still);
        let transposes = 0;
        for (let value = materialize(graph, view); value.op !== "Input"; [value] = value.inputs) {
          if (value.op === "Transpose") transposes++;
        }
        expect(transposes).toBeLessThanOrEqual(still.filter(({ kind }) => kind === "transpose").length);
      }),
    );
  });
});

describe("aligned views", () => {
  /** That the axes which views of one shape are split into mean what the views mean. */
  function expectAligned(graph: Graph, views: View[], chains: Chain[], expected: Plain[]) {
    const found = align(graph, views);
    const sizes = found.atoms.map(({ size }) => size);
    expect(sizeOf(sizes)).toBe(sizeOf(expected[0].shape));
    for (const [i, { base, input }] of chains.entries()) {
      const inputs = new Map([[input, base]]);
      const axes = found.atoms.map(({ size, strides }) => ({ size, stride: strides[i] }));
      const byAtoms = { ...found.views[i], dims: axes.map((axis) => [axis]) };
      expect(meaning(byAtoms, evaluate(found.views[i].base, inputs)).data).toEqual(expected[i].data);
      const laid = evaluate(arrange(graph, found.views[i].base, axes), inputs);
      const repeated = gather(sizes, (index) =>
        at(
          laid,
          index.map((k, dim) => (laid.shape[dim] === 1 ? 0 : k)),
        ),
      );
      expect(repeated.data).toEqual(expected[i].data);
    }
  }

  test("that broadcast together are split into the same axes", () => {
    fc.assert(
      fc.property(shapes, movements, movements, (shape, first, second) => {
        const graph = new Graph();
        const chains = [chain(graph, shape, first), chain(graph, shape, second)];
        const common = commonShape(chains.map(({ view }) => view));
        const fits = chains.every(({ plain }) =>
          plain.shape.every((size, i) => size === 1 || size === common[i - plain.shape.length + common.length]),
        );
        fc.pre(fits && sizeOf(common) <= MOST);
        const wide = chains.map(({ view }) => broadcastTo(view, common));
        const expected = chains.map(({ plain }) =>
          gather(common, (index) =>
            at(
              plain,
              index.slice(common.length - plain.shape.length).map((k, dim) => (plain.shape[dim] === 1 ? 0 : k)),
            ),
          ),
        );
        expectAligned(graph, wide, chains, expected);
      }),
      { numRuns: 300 },
    );
  });

  test("of one flat dimension, whose axes may not fit, are split or written out", () => {
    const still = movements.map((steps) => steps.filter(({ kind }) => kind === "reshape" || kind === "transpose"));
    fc.assert(
      fc.property(shapes, still, still, (shape, first, second) => {
        const graph = new Graph();
        const chains = [chain(graph, shape, first), chain(graph, shape, second)];
        const size = sizeOf(shape);
        const flat = chains.map(({ view }) => reshape(graph, view, [size]));
        expectAligned(
          graph,
          flat,
          chains,
          chains.map(({ plain }) => ({ data: plain.data, shape: [size] })),
        );
      }),
      { numRuns: 300 },
    );
  });
});

describe("the common shape", () => {
  test("is NumPy's", () => {
    const graph = new Graph();
    const views = [[3, 1], [4], []].map((shape) => viewOf(graph.input(shape, "float32")));
    expect(commonShape(views)).toEqual([3, 4]);
    expect(sameShape([3, 4], [3, 4])).toBe(true);
    expect(sameShape([3, 4], [3])).toBe(false);
  });
});
