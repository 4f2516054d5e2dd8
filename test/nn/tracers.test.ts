// What src/nn/tracers.ts assumes of the tracers of jax-js, which exports no types for them.
import { grad, jit, jvp, numpy as np, vmap } from "@jax-js/jax";
import { beforeAll, expect, test } from "vitest";
import { ready } from "../../src/compile/executor.ts";
import { trace } from "../../src/compile/jaxpr.ts";
import { type Layers, layersOf } from "../../src/nn/tracers.ts";

type Fn = (x: np.Array) => np.Array;

beforeAll(() => ready());

/** The layers that a function's argument has, when something is done to the function in a trace; and who traces that. */
function seen(transform: (f: Fn) => Fn): { inner?: Layers; outer?: Layers } {
  const found: { inner?: Layers; outer?: Layers } = {};
  const transformed = transform((x) => {
    found.inner = layersOf(x);
    return np.square(x).sum();
  });
  const outer: Fn = (x) => {
    found.outer = layersOf(x);
    return transformed(x);
  };
  const x = np.ones([3]);
  trace(outer as (...args: never[]) => unknown, [x]).dispose();
  x.dispose();
  return found;
}

const derivative =
  (f: Fn): Fn =>
  (x) =>
    jvp(f, [x.ref], [np.onesLike(x)])[1] as np.Array;
const gradient =
  (f: Fn): Fn =>
  (x) =>
    (grad(f)(x) as np.Array).sum();

test.for([
  ["nothing", (f: Fn) => f, 0],
  ["a directional derivative", derivative, 1],
  ["a second one", (f: Fn) => derivative(derivative(f)), 2],
  ["a gradient", gradient, 1],
  ["the gradient of a third derivative", (f: Fn) => gradient(derivative(derivative(derivative(f)))), 4],
  ["the derivative of a gradient", (f: Fn) => derivative(gradient(f)), 2],
  ["a gradient for each of many", (f: Fn) => ((x) => (vmap(grad(f))(x.reshape([3, 1])) as np.Array).sum()) as Fn, 1],
] as const)("%s is seen in layers", ([, transform, derivatives]) => {
  const { inner, outer } = seen(transform);
  expect(inner!.derivatives).toBe(derivatives);
  expect(outer).toEqual({ derivatives: 0, traced: expect.any(Object) });
  expect(inner!.traced).toBe(outer!.traced);
});

test("what is traced by itself is traced by another", () => {
  const { inner, outer } = seen((f) => gradient(jit(f)));
  expect(inner!.derivatives).toBe(0);
  expect(inner!.traced).toBeDefined();
  expect(inner!.traced).not.toBe(outer!.traced);
});

test("known numbers are traced by nobody, whatever is derived of them", () => {
  const x = np.ones([3]);
  expect(layersOf(x)).toEqual({ derivatives: 0, traced: undefined });
  let layers: Layers | undefined;
  const f: Fn = (y) => {
    layers = layersOf(y);
    return np.square(y);
  };
  derivative(derivative(f))(x).dispose();
  expect(layers).toEqual({ derivatives: 2, traced: undefined });
});
