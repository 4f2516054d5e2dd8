import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";
import { GmnmError } from "./errors.ts";
import type { Tensor } from "./tensor.ts";
import { sizeOf } from "./tensor.ts";

/** Where a stream of random numbers is: the words of its generator, and of a pair of Gaussian numbers the one that is still to come. */
export type RandomState = { words: number[]; spare?: number };

/**
 * Seeded random numbers on the host: the same seed gives the same numbers on every executor and every machine, which random numbers
 * drawn on a device would not (a WebGPU logarithm differs from a wasm one in the last bits).
 *
 * @example
 * ```ts
 * const random = new Random(7);
 * const weights = random.normal([3, 4], 0.1);
 * ```
 */
export class Random {
  #generator: RandomGenerator;
  #spare: number | undefined;

  constructor(seed: number) {
    this.#generator = xoroshiro128plusFromState(spread(seed));
  }

  /** Where the stream is; {@link Random.at} goes on from there. */
  get state(): RandomState {
    const words = [...this.#generator.getState()];
    return this.#spare === undefined ? { words } : { words, spare: this.#spare };
  }

  /**
   * A stream that goes on from where another was.
   *
   * @example
   * ```ts
   * const copy = Random.at(random.state);
   * ```
   * @throws GmnmError for words that no generator has.
   */
  static at({ words, spare }: RandomState): Random {
    const isState = words.length === 4 && words.every((word) => Number.isInteger(word) && word === (word | 0));
    // From nothing but zeros xoroshiro never leaves.
    if (!isState || words.every((word) => word === 0)) {
      throw new GmnmError(`the state of random numbers is four 32-bit words, not all 0, got ${words}`);
    }
    const random = new Random(0);
    random.#generator = xoroshiro128plusFromState(words);
    random.#spare = spare;
    return random;
  }

  /** An independent stream; drawing from it leaves this one where it is. */
  split(): Random {
    return new Random(uniformInt(this.#generator, -0x80000000, 0x7fffffff));
  }

  /** One number, uniform in [low, high). */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * uniformFloat64(this.#generator);
  }

  /** One whole number, uniform in [0, bound). */
  integer(bound: number): number {
    return uniformInt(this.#generator, 0, bound - 1);
  }

  /** One number from the standard normal distribution (Box and Muller's polar method, which makes them in pairs). */
  gaussian(): number {
    if (this.#spare !== undefined) {
      const spare = this.#spare;
      this.#spare = undefined;
      return spare;
    }
    for (;;) {
      const u = this.uniform(-1, 1);
      const v = this.uniform(-1, 1);
      const s = u * u + v * v;
      if (s === 0 || s >= 1) continue;
      const scale = Math.sqrt((-2 * Math.log(s)) / s);
      this.#spare = v * scale;
      return u * scale;
    }
  }

  /** A tensor of independent normal numbers with the given standard deviation. */
  normal(shape: readonly number[], standardDeviation = 1): Tensor {
    return { data: Float32Array.from({ length: sizeOf(shape) }, () => this.gaussian() * standardDeviation), shape };
  }

  /** The numbers 0 … n − 1 in random order (Fisher and Yates). */
  permutation(n: number): Uint32Array {
    const order = Uint32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  }
}

/**
 * Four words of generator state from a seed, by splitmix32 as xoroshiro's authors advise. Begun from a bare seed, xoroshiro's first
 * numbers are all but the same for 1, 2, 3 …
 */
function spread(seed: number): number[] {
  return Array.from({ length: 4 }, (_, i) => {
    let z = ((seed | 0) + Math.imul(i + 1, 0x9e3779b9)) | 0;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  });
}
