// Sobol's low-discrepancy points: I. M. Sobol' (1967); direction numbers of S. Joe and F. Y. Kuo, SIAM J. Sci. Comput. 30 (2008).
import type { Random } from "../random.ts";

/** Per dimension after the first: degree s and coefficients a of the primitive polynomial, then the initial numbers m_1 … m_s. */
const JOE_KUO: readonly (readonly [s: number, a: number, m: readonly number[]])[] = [
  [1, 0, [1]],
  [2, 1, [1, 3]],
  [3, 1, [1, 3, 1]],
  [3, 2, [1, 1, 1]],
  [4, 1, [1, 1, 3, 3]],
  [4, 4, [1, 3, 5, 13]],
  [5, 2, [1, 1, 5, 5, 17]],
  [5, 4, [1, 1, 5, 5, 5]],
  [5, 7, [1, 1, 7, 11, 19]],
];
const BITS = 32;

/** How many features Sobol points cover here; beyond this, evenly spaced points need more components than a layer has. */
export const MAX_SOBOL_DIMENSION = JOE_KUO.length + 1;

/**
 * The first n Sobol points in [0, 1)^d, row-major. With a random stream every dimension is shifted digitally (exclusive or with one
 * random word), which keeps the spacing of the points and makes seeds differ.
 */
export function sobol(n: number, d: number, random?: Random): Float64Array {
  const points = new Float64Array(n * d);
  for (let j = 0; j < d; j++) {
    const directions = directionNumbers(j);
    const shift = random ? random.integer(2 ** BITS) : 0;
    let x = 0;
    for (let i = 0; i < n; i++) {
      // Gray code order: one direction number changes from point to point, that of the lowest zero bit of i − 1.
      if (i > 0) x ^= directions[31 - Math.clz32(~(i - 1) & i)];
      points[i * d + j] = ((x ^ shift) >>> 0) / 2 ** BITS;
    }
  }
  return points;
}

function directionNumbers(dimension: number): Uint32Array {
  const v = new Uint32Array(BITS);
  if (dimension === 0) return v.map((_, i) => 2 ** (BITS - 1 - i));
  const [s, a, m] = JOE_KUO[dimension - 1];
  for (let i = 0; i < BITS; i++) {
    if (i < s) {
      v[i] = m[i] * 2 ** (BITS - 1 - i);
      continue;
    }
    v[i] = v[i - s] ^ (v[i - s] >>> s);
    for (let k = 1; k < s; k++) if ((a >>> (s - 1 - k)) & 1) v[i] ^= v[i - k];
  }
  return v;
}
