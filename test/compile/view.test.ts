// Views against their meaning: every element of a chain of reshapes, transposes and broadcasts is found by plain index arithmetic.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Graph } from "../../src/compile/graph.ts";
import {
  align,
  arrange,
  broadcastTo,
  commonShape,
  contiguous,
  materialize,
  reshape,
  sameShape,
  type View,
  viewOf,
} from "../../src/compile/view.ts";
import { sizeOf } from "../../src/tensor.ts";
import {
  at,
  type Chain,
  chain,
  evaluate,
  gather,
  MOST,
  meaning,
  movements,
  type Plain,
  shapes,
} from "./random/views.ts";

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
