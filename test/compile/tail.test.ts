// The end of a step in loops of its own: the same numbers, to the last bit, as ONNX Runtime's operators make.
import { numpy as np, tree } from "@jax-js/jax";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { compileFunction, compileStep, type Step } from "../../src/compile/compile.ts";
import { allocate, compileLoops, type Loop, type LoopOp } from "../../src/compile/loops.ts";
import { buildProgram } from "../../src/compile/program.ts";
import { adam } from "../../src/optim/adam.ts";
import type { Transform } from "../../src/optim/transform.ts";
import { type ParamTensors, placeParams, readParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { sizeOf, type Tensor, tensor } from "../../src/tensor.ts";
import { nativeTest } from "./native.ts";

const SPECIAL = [0, -0, 1, -1, 1e-45, -1e-39, 1e-30, 1e30, 3.4e38, Infinity, -Infinity, NaN, 0.1, -7.3, 2 ** 24 + 1];

describe("loops", () => {
  const { fround, sqrt } = Math;
  const expected: Record<LoopOp, (a: number, b: number) => number> = {
    Add: (a, b) => a + b,
    Sub: (a, b) => a - b,
    Mul: (a, b) => a * b,
    Div: (a, b) => a / b,
    Neg: (a) => -a,
    Sqrt: (a) => sqrt(a),
  };

  it.each(Object.keys(expected) as LoopOp[])("%s is float32 arithmetic, for every number", (op) => {
    const pairs = SPECIAL.flatMap((a) => SPECIAL.map((b) => [fround(a), fround(b)]));
    const { memory, arrays } = allocate([pairs.length, pairs.length, pairs.length])!;
    const [a, b, result] = arrays;
    for (const [i, [first, second]] of pairs.entries()) [a[i], b[i]] = [first, second];
    const registers = expected[op].length === 1 ? [0] : [0, 1];
    const loop: Loop = { reads: ["each", "each"], constants: [], steps: [{ op, registers }], writes: [2], sums: [] };
    const [run] = compileLoops([loop], memory);
    run(pairs.length, a.byteOffset, b.byteOffset, result.byteOffset);
    expect(result).toEqual(Float32Array.from(pairs, ([x, y]) => expected[op](x, y)));
  });

  it("reads one number for all, takes constants as they are, writes what it read, and leaves its neighbours alone", () => {
    const { memory, arrays } = allocate([5, 1, 5, 5, 3])!;
    const [x, one, sum, copy, after] = arrays;
    x.set([1, 2, 3, 4, 5]);
    one[0] = 10;
    after.fill(7);
    const twice = (constant: number): Loop => ({
      reads: ["each", "same"],
      constants: [constant],
      steps: [
        { op: "Add", registers: [0, 1] },
        { op: "Mul", registers: [3, 2] },
      ],
      writes: [4, 0],
      sums: [],
    });
    // Loops that differ in a constant only, which JSON could not tell apart.
    const loops = compileLoops([twice(2), twice(Infinity), twice(NaN)], memory);
    const results = loops.map((run) => {
      run(5, ...[x, one, sum, copy].map(({ byteOffset }) => byteOffset));
      return [...sum];
    });
    expect(results).toEqual([[22, 24, 26, 28, 30], Array(5).fill(Infinity), Array(5).fill(NaN)]);
    expect(copy).toEqual(x);
    expect([...after]).toEqual([7, 7, 7]);
  });

  it.each([1, 3, 4, 5, 1001])("adds up %i numbers in double precision, and none behind them", (length) => {
    const { memory, arrays } = allocate([length, length, 1, 1])!;
    const [x, y, sum, squares] = arrays;
    x.set(new Random(length).normal([length]).data);
    x[0] = 1e7;
    // Written by another loop, what lies behind an array is no zero.
    const loops: Loop[] = [
      { reads: ["each"], constants: [3], steps: [{ op: "Add", registers: [0, 1] }], writes: [2], sums: [] },
      { reads: ["each"], constants: [], steps: [{ op: "Mul", registers: [0, 0] }], writes: [], sums: [0, 1] },
    ];
    const [add, total] = compileLoops(loops, memory);
    add(length, x.byteOffset, y.byteOffset);
    total(length, y.byteOffset, sum.byteOffset, squares.byteOffset);
    const numbers = Array.from(x, (number) => fround(number + 3));
    expect(sum[0]).toBe(fround(numbers.reduce((a, b) => a + b, 0)));
    expect(squares[0]).toBeCloseTo(
      numbers.reduce((a, b) => a + b * b, 0),
      -9,
    );
  });

  it("has no room from 4 GiB on", () => expect(allocate([2 ** 30, 1])).toBeUndefined());
});

/** One step of a chain of values: an operator and which of the earlier values it takes, counted from the latest that fit. */
type Link = { op: string; first: number; second: number };
const linksOf = (ops: readonly string[], maxLength: number) =>
  fc.array(fc.record({ op: fc.constantFrom(...ops), first: fc.nat(20), second: fc.nat(20) }), {
    minLength: 1,
    maxLength,
  });

/** A step whose results are what a chain of operators ends in: parameters of two shapes, a state of numbers and of one number. */
const chainStep = (chain: readonly Link[]): Step<"count"> =>
  function step(params, state, batch, { rate }) {
    const { a, b, c } = params as Record<string, np.Array>;
    const { mass, count } = state as Record<string, np.Array>;
    const values = [rate, mass, a, b, c, (batch as Record<string, np.Array>).x];
    const sizes = () => values.map(({ shape }) => sizeOf(shape));
    for (const { op, first, second } of chain) {
      const x = values[values.length - 1 - (first % values.length)];
      const others = values.filter(({ shape }) => sizeOf(shape) === 1 || sizeOf(shape) === sizeOf(x.shape));
      const y = others[second % others.length];
      const flat = (array: np.Array) =>
        array.shape.length === x.shape.length ? array.ref : array.ref.reshape(x.shape);
      const other = () => (sizeOf(y.shape) === 1 ? y.ref.reshape([]) : flat(y));
      if (op === "add" || op === "sub" || op === "mul" || op === "div") values.push(x.ref[op](other()));
      else if (op === "sum") values.push(x.ref.sum());
      else if (op === "reshape") values.push(x.ref.reshape(x.shape.length === 1 ? [1, ...x.shape] : [sizeOf(x.shape)]));
      else if (op === "neg") values.push(x.ref.neg());
      else values.push(np[op as "sqrt" | "square" | "exp"](x.ref));
    }
    /** The latest values of the size of an array, in its shape. */
    const latest = (like: np.Array, back: number) => {
      const fitting = values.filter((_, i) => sizes()[i] === sizeOf(like.shape));
      return fitting.at(-1 - (back % fitting.length))!.ref.reshape(like.shape);
    };
    const next = { a: latest(a, 0), b: latest(b, 1), c: latest(c, 0) };
    const counted = count.add(1);
    const nextState = { mass: latest(mass, 0), count: counted.ref };
    tree.dispose(values);
    return [next, nextState, { count: counted }];
  };

/** Numbers of a shape, at random. */
type Draw = (random: Random, shape: number[]) => Tensor;

/** Chains end in the same numbers with loops and without; resolves to how many loops there were. */
async function chainsAgree(links: ReturnType<typeof linksOf>, draw: Draw, rates: readonly number[]): Promise<number> {
  let loops = 0;
  await fc.assert(
    fc.asyncProperty(links, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), async (chain, n, m) => {
      const random = new Random(n + 10 * m);
      const params = { a: draw(random, [n]), b: draw(random, [1, n]), c: draw(random, [m]) };
      const state = { count: tensor([0], []), mass: tensor([2], []) };
      const batch = { x: draw(random, [n]) };
      const begin = (p: Parameters<typeof tree.dispose>[0]) => {
        tree.dispose(p);
        return placeParams(state);
      };
      const step = chainStep(chain);
      const compiled = await compileStep(step, { params, state: begin }, { executor: "native" });
      for (const rate of rates) await compiled.run(compiled.upload(batch), { rate });
      const found = [await compiled.read(), await compiled.readState()];
      compiled.dispose();

      const whole = await compileFunction(step as never, { executor: "native" });
      let expected: Record<string, Tensor>[] = [params, state];
      for (const rate of rates) {
        const given = { rate: tensor([rate], []) };
        const [p, s] = (await whole(expected[0], expected[1], batch, given)) as never as Record<string, Tensor>[];
        expected = [
          { a: p.a, b: p.b, c: p.c },
          { count: s.count, mass: s.mass },
        ];
      }
      whole.dispose();
      expect(found).toEqual(expected);
      loops += buildProgram(step, [params, state, batch, { rate: tensor([0], []) }], { held: [0, 1, 2, 3, 4, 6] }).loops
        .length;
    }),
    { numRuns: 200 },
  );
  return loops;
}

nativeTest("steps of random chains end as without loops, to the last bit", { timeout: 120_000 }, async () => {
  const links = linksOf(["add", "sub", "mul", "div", "neg", "sqrt", "square", "exp", "reshape"], 12);
  const normal: Draw = (random, shape) => random.normal(shape);
  // Else nothing was tested.
  expect(await chainsAgree(links, normal, [0.5, -2])).toBeGreaterThan(200);
});

nativeTest("so do chains with sums, of whole numbers, which no order rounds", { timeout: 120_000 }, async () => {
  const links = linksOf(["add", "sub", "neg", "square", "sum", "sum", "reshape"], 4);
  const whole: Draw = (random, shape) =>
    tensor(
      Float32Array.from({ length: sizeOf(shape) }, () => random.integer(5) - 2),
      shape,
    );
  expect(await chainsAgree(links, whole, [3])).toBeGreaterThan(200);
});

/** A step of an optimiser on ½ Σ (x w + a)². */
const stepOf =
  (optimizer: Transform): Step<"loss"> =>
  (p, s, batch, { learningRate }) => {
    const { a, w } = p as Record<string, np.Array>;
    const { x } = batch as Record<string, np.Array>;
    const y = np.matmul(x.ref, w.ref).add(a.ref);
    const gradients = { a: y.ref.sum(0), w: np.matmul(x.transpose(), y.ref) };
    const loss = np.square(y).sum();
    const [updates, next] = optimizer.update(gradients, s, tree.ref(p));
    const moved = tree.map((value: np.Array, u: np.Array) => value.sub(u.mul(learningRate.ref)), p, updates);
    learningRate.dispose();
    return [moved as typeof p, next, { loss }];
  };
const params = { a: tensor([1, 2, 3], [3]), w: tensor([1, 2, 3, 4, 5, 6], [2, 3]) };
const x = new Random(1).normal([4, 2]);
/** Of the parameters, the sums and sums of squares, two masses, the batch and the rate: all but the batch. */
const held = [...Array(8).keys(), 9];

function splitStep(optimizer: Transform) {
  const state = readParams(optimizer.init(placeParams(params)));
  const args = [params, state, { x }, { learningRate: tensor([0.1], []) }] as ParamTensors[];
  return { state, args, ...buildProgram(stepOf(optimizer), args, { held }) };
}

test("of a step of Adam, operators make the gradients and the loss, loops the rest", () => {
  const { made, loops, outputs } = splitStep(adam());
  expect(outputs).toHaveLength(9);
  // The last result, and two gradients for the loops.
  expect(made).toHaveLength(3);
  expect(made.filter(({ slot }) => slot < outputs.length)).toMatchObject([{ slot: 8 }]);
  expect(loops.map(({ length }) => length).sort()).toEqual([1, 3, 6]);
});

nativeTest("a factor per column is written out for the loop, and changes no bit", async () => {
  const optimizer = adam({ relative: (path) => path === "w" });
  const { state, args, made, loops } = splitStep(optimizer);
  // The loss, two gradients, and the factors.
  expect(made).toHaveLength(4);
  expect(loops.map(({ length }) => length).sort()).toEqual([1, 3, 6]);
  const begin = (p: Parameters<typeof tree.dispose>[0]) => {
    tree.dispose(p);
    return placeParams(state);
  };
  const compiled = await compileStep(stepOf(optimizer), { params, state: begin }, { executor: "native" });
  await compiled.run(compiled.upload({ x }), { learningRate: 0.1 });
  const whole = await compileFunction(stepOf(optimizer) as never, { executor: "native" });
  const [expected] = (await whole(...args)) as never as ParamTensors[];
  expect(await compiled.read()).toEqual(expected);
  compiled.dispose();
  whole.dispose();
});
