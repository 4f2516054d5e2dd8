import { tree } from "@jax-js/jax";
import fc from "fast-check";
import { expect, test } from "vitest";
import { scaleByAdam } from "../../src/optim/adam.ts";
import { addDecayedWeights, chain, clipByGlobalNorm, globalNorm, type Transform } from "../../src/optim/transform.ts";
import { placeParams, readParams } from "../../src/params.ts";
import { type Tensor, tensor, toTensor } from "../../src/tensor.ts";
import { relativeError } from "../gradients.ts";
import { liveBuffers } from "../live-buffers.ts";

const place = (values: Record<string, number[]>) =>
  placeParams(Object.fromEntries(Object.entries(values).map(([name, list]) => [name, tensor(list, [list.length])])));

/** The updates that a transform makes of gradients, one after another. */
function updates(transform: Transform, gradients: Record<string, number[]>[], params: Record<string, number[]>) {
  const p = place(params);
  let state = transform.init(tree.ref(p));
  const made = gradients.map((gradient) => {
    const [next, nextState] = transform.update(place(gradient), state, tree.ref(p));
    state = nextState;
    const read = readParams(next) as Record<string, Tensor>;
    tree.dispose(next);
    return Object.fromEntries(Object.entries(read).map(([name, { data }]) => [name, [...data]]));
  });
  tree.dispose([p, state]);
  return made;
}

const number = fc.float({ min: -100, max: 100, noNaN: true, noDefaultInfinity: true });

test("clipping keeps the direction, bounds the norm, and leaves a small gradient as it is", () => {
  const before = liveBuffers();
  fc.assert(
    fc.property(fc.tuple(number, number, number), fc.double({ min: 0.1, max: 50, noNaN: true }), ([a, b, c], most) => {
      const [clipped] = updates(clipByGlobalNorm(most), [{ a: [a, b], c: [c] }], { a: [0, 0], c: [0] });
      const norm = Math.hypot(a, b, c);
      const factor = norm > most ? most / norm : 1;
      const expected = [a, b, c].map((g) => g * factor);
      expect(relativeError([...clipped.a, ...clipped.c], expected)).toBeLessThan(1e-5);
    }),
    { numRuns: 50 },
  );
  expect(liveBuffers()).toBe(before);
});

test("the global norm runs over every element of every array", () => {
  expect(toTensor(globalNorm(place({ a: [1, 2], b: [4, 10] }))).data[0]).toBeCloseTo(11, 5);
});

test("decay adds a share of the parameters it is meant for", () => {
  const decay = addDecayedWeights(0.5, (path) => path === "a");
  expect(updates(decay, [{ a: [1], b: [1] }], { a: [4], b: [4] })).toEqual([{ a: [3], b: [1] }]);
});

test("a chain is its transforms one after another, in that order", () => {
  const before = liveBuffers();
  const gradients = [{ a: [3, 4] }, { a: [-6, 8] }];
  const params = { a: [2, -2] };
  const [clip, decay] = [clipByGlobalNorm(1), addDecayedWeights(0.5, () => true)];
  expect(updates(chain(clip, decay), gradients, params)[0].a).toEqual(
    [0.6 + 1, 0.8 - 1].map((v) => expect.closeTo(v, 5)),
  );
  const late = Math.hypot(3 + 1, 4 - 1);
  expect(updates(chain(decay, clip), gradients, params)[0].a).toEqual(
    [4 / late, 3 / late].map((v) => expect.closeTo(v, 5)),
  );
  expect(updates(chain(), gradients, params)).toEqual(gradients);
  expect(updates(chain(scaleByAdam()), gradients, params)).toEqual(updates(scaleByAdam(), gradients, params));
  expect(liveBuffers()).toBe(before);
});
