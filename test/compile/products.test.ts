// Sums of products over any dimensions of two tensors, against plain loops.
import { numpy as np } from "@jax-js/jax";
import fc from "fast-check";
import { expect } from "vitest";
import { compileFunction } from "../../src/compile/compile.ts";
import { sizeOf, type Tensor, tensor } from "../../src/tensor.ts";
import { nativeTest } from "./native.ts";

/** A product: dimensions by letter, x, y and the result in any order; a size of 1 in one operand repeats. */
type Product = {
  x: string;
  y: string;
  result: string;
  sizes: Record<string, number>;
  repeated: Record<"x" | "y", string>;
};

const products: fc.Arbitrary<Product> = fc
  .record({
    // What a dimension is: b both and kept, k both and summed, r rows of x, c columns of y, s summed in x alone, t in y alone.
    roles: fc.oneof(
      fc.array(fc.constantFrom(..."bbkkrrccst"), { minLength: 2, maxLength: 6, size: "max" }),
      fc.constantFrom("krc", "bkrc", "bbkrc", "bkkrrc").map((roles) => [...roles]),
    ),
    sizes: fc.array(fc.constantFrom(1, 2, 5, 8, 12), { minLength: 6, maxLength: 6, size: "max" }),
    orders: fc.array(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 }), {
      minLength: 3,
      maxLength: 3,
    }),
    repeats: fc.array(fc.constantFrom("", "", "", "x", "y"), { minLength: 6, maxLength: 6 }),
  })
  .map(({ roles, sizes, orders, repeats }) => {
    const all = roles.map((role, i) => ({ letter: "abcdef"[i], role, size: sizes[i], repeat: repeats[i], i }));
    const pick = (of: string, order: number) =>
      all
        .filter(({ role }) => of.includes(role))
        .toSorted((a, b) => orders[order][a.i] - orders[order][b.i])
        .map(({ letter }) => letter)
        .join("");
    const repeatedIn = (operand: string) =>
      all
        .filter(({ role, repeat }) => "bk".includes(role) && repeat === operand)
        .map(({ letter }) => letter)
        .join("");
    return {
      x: pick("bkrs", 0),
      y: pick("bkct", 1),
      result: pick("brc", 2),
      sizes: Object.fromEntries(all.map(({ letter, size }) => [letter, size])),
      repeated: { x: repeatedIn("x"), y: repeatedIn("y") },
    };
  })
  .filter(({ x, y, sizes }) => sizeOf([...new Set(x + y)].map((letter) => sizes[letter])) <= 20_000);

const shapeOf = ({ sizes, repeated, ...product }: Product, operand: "x" | "y") =>
  [...product[operand]].map((letter) => (repeated[operand].includes(letter) ? 1 : sizes[letter]));

const numbers = (shape: number[], seed: number): Tensor =>
  tensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => ((0.1 + 0.618034 * (i + 1) * seed) % 1) - 0.4),
    shape,
  );

/** By loops over every index of every dimension: the sums, and those of the products' magnitudes, by which rounding goes. */
function looped(product: Product, x: Tensor, y: Tensor): { sums: Float64Array; magnitudes: Float64Array } {
  const { sizes, repeated, result } = product;
  const letters = [...new Set(product.x + product.y)];
  const strides = (of: string, once: string) => {
    const found: Record<string, number> = {};
    let stride = 1;
    for (const letter of [...of].reverse()) {
      found[letter] = once.includes(letter) ? 0 : stride;
      stride *= once.includes(letter) ? 1 : sizes[letter];
    }
    return letters.map((letter) => found[letter] ?? 0);
  };
  const steps = [strides(product.x, repeated.x), strides(product.y, repeated.y), strides(result, "")];
  const sums = new Float64Array(sizeOf([...result].map((letter) => sizes[letter])));
  const magnitudes = sums.slice();
  const index = letters.map(() => 0);
  for (let more = true; more; ) {
    const [atX, atY, at] = steps.map((stride) => stride.reduce((sum, step, i) => sum + step * index[i], 0));
    sums[at] += x.data[atX] * y.data[atY];
    magnitudes[at] += Math.abs(x.data[atX] * y.data[atY]);
    let i = letters.length - 1;
    while (i >= 0 && ++index[i] === sizes[letters[i]]) index[i--] = 0;
    more = i >= 0;
  }
  return { sums, magnitudes };
}

/** As jax-js writes einsum: dimensions moved together, the summed ones last, one `sum(x · y)`. */
function multiplied({ x: ofX, y: ofY, result }: Product) {
  return (x: np.Array, y: np.Array) => {
    const letters = [...result, ...new Set([...ofX, ...ofY].filter((letter) => !result.includes(letter)))];
    const aligned = (array: np.Array, of: string) => {
      const present = letters.filter((letter) => of.includes(letter));
      const turned = np.transpose(
        array,
        present.map((letter) => of.indexOf(letter)),
      );
      const shape = turned.shape[Symbol.iterator]();
      return turned.reshape(letters.map((letter) => (of.includes(letter) ? shape.next().value! : 1)));
    };
    const summed = letters.map((_, i) => i).slice(result.length);
    return aligned(x, ofX).mul(aligned(y, ofY)).sum(summed);
  };
}

// To hunt: RUNS=5000 npx vitest run test/compile/products.test.ts
const RUNS = Number(process.env.RUNS ?? 200);

nativeTest("products of random tensors agree with plain loops", async () => {
  await fc.assert(
    fc.asyncProperty(products, async (product) => {
      const [x, y] = [numbers(shapeOf(product, "x"), 1), numbers(shapeOf(product, "y"), 2)];
      const compiled = await compileFunction(multiplied(product), { executor: "native" });
      const found = (await compiled(x, y)) as Tensor;
      compiled.dispose();
      expect(found.shape).toEqual([...product.result].map((letter) => product.sizes[letter]));
      const { sums, magnitudes } = looped(product, x, y);
      const error = Math.hypot(...Array.from(sums, (sum, i) => sum - found.data[i]));
      expect(error).toBeLessThanOrEqual(1e-6 * Math.hypot(...magnitudes));
    }),
    { numRuns: RUNS },
  );
});
