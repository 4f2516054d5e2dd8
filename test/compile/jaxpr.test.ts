// What src/compile assumes of the traced form of jax-js, which exports no types for it. If this fails after an upgrade, read
// src/compile/jaxpr.ts and the rules in src/compile/lower against the new version.
import { jit, lax, numpy as np, tree } from "@jax-js/jax";
import { describe, expect, test } from "vitest";
import { type Equation, type Jaxpr, trace } from "../../src/compile/jaxpr.ts";
import { RULES } from "../../src/compile/lower/rules.ts";

/** The jaxpr of a function of one array of shape (2, 3). */
function jaxprOf(fn: (x: np.Array) => unknown): Jaxpr {
  const x = np.zeros([2, 3]);
  const traced = trace(fn as (...args: never[]) => unknown, [x]);
  x.dispose();
  traced.dispose();
  return traced.jaxpr;
}

/** The equation of a primitive in the trace of a function. */
function equationOf(primitive: string, fn: (x: np.Array) => unknown): Equation {
  const { eqns } = jaxprOf(fn);
  const found = eqns.find((equation) => equation.primitive === primitive);
  expect(found, `${primitive} in ${eqns.map((equation) => equation.primitive)}`).toBeDefined();
  return found!;
}

const index = () => np.array([1, 0], { dtype: np.int32 });

/** For every primitive that has a rule: a function that makes it, and the parameters that the rule reads. */
const primitives: Record<string, [fn: (x: np.Array) => np.Array | np.Array[], params: object]> = {
  add: [(x) => x.add(2), {}],
  mul: [(x) => x.mul(2), {}],
  idiv: [(x) => np.fmod(x, 2), {}],
  mod: [(x) => x.mod(2), {}],
  neg: [(x) => x.neg(), {}],
  reciprocal: [(x) => np.reciprocal(x), {}],
  max: [(x) => np.maximum(x, 2), {}],
  min: [(x) => np.minimum(x, 2), {}],
  exp: [(x) => np.exp(x), {}],
  log: [(x) => np.log(x), {}],
  sin: [(x) => np.sin(x), {}],
  cos: [(x) => np.cos(x), {}],
  asin: [(x) => np.arcsin(x), {}],
  atan: [(x) => np.arctan(x), {}],
  erf: [(x) => lax.erf(x), {}],
  erfc: [(x) => lax.erfc(x), {}],
  sqrt: [(x) => np.sqrt(x), {}],
  floor: [(x) => np.floor(x), {}],
  ceil: [(x) => np.ceil(x), {}],
  stop_gradient: [(x) => lax.stopGradient(x), {}],
  cast: [(x) => x.astype(np.int32), { dtype: "int32" }],
  compare: [(x) => x.less(2), { op: "less" }],
  where: [(x) => np.where(x.ref.less(2), x, 0), {}],
  reduce: [(x) => x.sum(1), { op: "Add", axis: [1] }],
  dot: [(x) => np.matmul(x, np.ones([3, 2])), {}],
  conv: [
    (x) =>
      lax.convGeneralDilated(
        x.reshape([1, 1, 2, 3]),
        np.ones([1, 1, 1, 2]),
        [1, 2],
        [
          [1, 0],
          [0, 1],
        ],
        { rhsDilation: [2, 1] },
      ),
    {
      vmapDims: 0,
      strides: [1, 2],
      padding: [
        [1, 0],
        [0, 1],
      ],
      lhsDilation: [1, 1],
      rhsDilation: [2, 1],
    },
  ],
  transpose: [(x) => x.transpose(), { perm: [1, 0] }],
  reshape: [(x) => x.reshape([3, 2]), { shape: [3, 2] }],
  broadcast: [(x) => np.broadcastTo(x, [4, 2, 3]), { shape: [4, 2, 3], axis: [0] }],
  shrink: [
    (x) => x.slice([], [1, 3]),
    {
      slice: [
        [0, 2],
        [1, 3],
      ],
    },
  ],
  pad: [
    (x) =>
      np.pad(x, [
        [0, 1],
        [2, 0],
      ]),
    {
      width: [
        [0, 1],
        [2, 0],
      ],
    },
  ],
  flip: [(x) => np.flip(x, 1), { axis: [1] }],
  concatenate: [(x) => np.concatenate([x.ref, x], 1), { axis: 1 }],
  split: [(x) => np.split(x, [1], 1), { axis: 1, sizes: [1, 2] }],
  gather: [(x) => np.take(x, index(), 1), { axis: [1], outDim: 1 }],
};

describe("primitives", () => {
  test("there is an example for every rule", () => {
    expect(Object.keys(primitives).sort()).toEqual(Object.keys(RULES).sort());
  });

  test.each(Object.entries(primitives))("%s has the parameters that its rule reads", (primitive, [fn, params]) => {
    expect(equationOf(primitive, fn).params).toMatchObject(params);
  });

  test.each([
    ["Add", (x: np.Array) => x.sum()],
    ["Mul", (x: np.Array) => x.prod()],
    ["Max", (x: np.Array) => x.max()],
    ["Min", (x: np.Array) => x.min()],
  ])("reduce by %s", (op, fn) => {
    expect(equationOf("reduce", fn).params).toEqual({ op, axis: [0, 1] });
  });

  test.each([
    ["less", (x: np.Array) => x.less(2)],
    ["less", (x: np.Array) => x.greater(2)],
    ["less_equal", (x: np.Array) => x.lessEqual(2)],
    ["less_equal", (x: np.Array) => x.greaterEqual(2)],
    ["equal", (x: np.Array) => x.equal(2)],
    ["not_equal", (x: np.Array) => x.notEqual(2)],
  ])("compare by %s", (op, fn) => {
    expect(equationOf("compare", fn).params).toEqual({ op });
  });

  test("x > 2 is 2 < x", () => {
    const [first, second] = equationOf("compare", (x) => x.greater(2)).inputs;
    expect([first.value, second.value]).toEqual([2, undefined]);
  });

  test("a dot is the sum over the last dimension of a product that broadcasts", () => {
    const { inputs, outBinders } = equationOf("dot", (x) => np.matmul(x, np.ones([3, 2])));
    expect(inputs.map(({ aval }) => aval.shape)).toEqual([
      [2, 1, 3],
      [1, 2, 3],
    ]);
    expect(outBinders[0].aval.shape).toEqual([2, 2]);
  });
});

describe("variables and literals", () => {
  test("have a shape, an element type and whether another one decides it; literals have a value besides", () => {
    const { inputs, outBinders } = equationOf("mul", (x) => x.mul(2));
    const [literal, variable] = inputs[0].value === undefined ? inputs.toReversed() : inputs;
    expect(literal).toMatchObject({ value: 2, aval: { shape: [], dtype: "float32", weakType: true } });
    expect(variable.value).toBeUndefined();
    expect(variable.aval).toMatchObject({ shape: [2, 3], dtype: "float32", weakType: false });
    expect(outBinders).toHaveLength(1);
    expect(outBinders[0].aval).toMatchObject({ shape: [2, 3], dtype: "float32", weakType: false });
  });

  test("are the same objects where they are made and where they are used", () => {
    const { inBinders, eqns, outs } = jaxprOf((x) => [np.exp(np.sin(x.ref)), x]);
    expect(eqns.map(({ primitive }) => primitive)).toEqual(["sin", "exp"]);
    expect(eqns[0].inputs[0]).toBe(inBinders[0]);
    expect(eqns[1].inputs[0]).toBe(eqns[0].outBinders[0]);
    expect(outs).toEqual([eqns[1].outBinders[0], inBinders[0]]);
  });

  test.each([
    ["a mask times numbers", "float32", (x: np.Array) => x.ref.less(2).mul(x)],
    ["a mask times a plain number", "uint32", (x: np.Array) => x.less(2).mul(0.5)],
    ["whole numbers times a plain number", "int32", (x: np.Array) => x.astype(np.int32).mul(0.5)],
    ["whole numbers times numbers", "float32", (x: np.Array) => x.ref.astype(np.int32).mul(x)],
  ])("%s are %s", (_, dtype, fn) => {
    expect(equationOf("mul", fn).outBinders[0].aval.dtype).toBe(dtype);
  });
});

describe("a trace", () => {
  test("flattens functions compiled within, and leaves out what is not used and what changes nothing", () => {
    const inner = jit((x: np.Array) => np.sin(x.reshape([2, 3]).add(0).mul(1)));
    const { eqns, outs } = jaxprOf((x) => {
      np.cos(x.ref).dispose();
      return inner(x).neg();
    });
    inner.dispose();
    expect(eqns.map(({ primitive }) => primitive)).toEqual(["sin", "neg"]);
    expect(outs).toEqual([eqns[1].outBinders[0]]);
  });

  test("takes arrays from outside as its first inputs, and as literals where they are scalars", () => {
    const outside = np.array([1, 2, 3]);
    const x = np.zeros([2, 3]);
    const traced = trace((y: np.Array) => y.mul(outside.ref).add(np.array(5)), [x]);
    expect(traced.constants.map((array) => array.ref.js())).toEqual([[1, 2, 3]]);
    expect(traced.jaxpr.inBinders.map(({ aval }) => aval.shape)).toEqual([[3], [2, 3]]);
    expect(traced.jaxpr.eqns[0].inputs).toContain(traced.jaxpr.inBinders[0]);
    traced.dispose();
    expect([x.refCount, outside.refCount]).toEqual([1, 1]);
    tree.dispose([x, outside]);
  });

  test("takes the leaves of trees in their order and puts results back into theirs", () => {
    const [a, b, c] = [[1], [2], [3]].map((shape) => np.zeros(shape));
    const traced = trace((p: { b: np.Array; a: np.Array[] }) => ({ z: p.b, y: p.a }), [{ b, a: [a, c] }]);
    expect(traced.jaxpr.inBinders.map(({ aval }) => aval.shape)).toEqual([[2], [1], [3]]);
    const shapes = traced.jaxpr.outs.map(({ aval }) => aval.shape);
    expect(traced.unflatten(shapes)).toEqual({ z: [2], y: [[1], [3]] });
    traced.dispose();
    tree.dispose([a, b, c]);
  });
});
