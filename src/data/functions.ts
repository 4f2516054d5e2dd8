// Targets for function fitting, inputs in [−1, 1]^d. Franke's function is R. Franke (1979), moved from [0, 1]²; the others are those of
// the KAN paper (arXiv:2404.19756) and its notebooks.
import { Random } from "../random.ts";
import type { Tensor } from "../tensor.ts";

/** A function to fit. */
export type TargetFunction = { formula: string; dimensions: number; at: (x: Float32Array) => number };

const { PI, abs, cos, exp, sin, sqrt, tanh } = Math;

function franke(u: number, v: number): number {
  const [x, y] = [(9 * (u + 1)) / 2, (9 * (v + 1)) / 2];
  return (
    0.75 * exp(-((x - 2) ** 2 + (y - 2) ** 2) / 4) +
    0.75 * exp(-((x + 1) ** 2) / 49 - (y + 1) / 10) +
    0.5 * exp(-((x - 7) ** 2 + (y - 3) ** 2) / 4) -
    0.2 * exp(-((x - 4) ** 2) - (y - 7) ** 2)
  );
}

/** The Bessel function J₀ by its integral, with the trapezoidal rule, which converges exponentially for a periodic integrand. */
function besselJ0(x: number): number {
  const points = 64;
  let sum = 0;
  for (let i = 0; i < points; i++) sum += cos(x * sin((PI * (i + 0.5)) / points));
  return sum / points;
}

/** The suite, by name. */
export const targetFunctions: Record<string, TargetFunction> = {
  franke: { formula: "Franke's function", dimensions: 2, at: ([x, y]: Float32Array) => franke(x, y) },
  sines: {
    formula: "sin 4πx · sin 4πy",
    dimensions: 2,
    at: ([x, y]: Float32Array) => sin(4 * PI * x) * sin(4 * PI * y),
  },
  "exp-sine": { formula: "exp(sin πx + y²)", dimensions: 2, at: ([x, y]: Float32Array) => exp(sin(PI * x) + y * y) },
  radius: { formula: "√(x² + y²)", dimensions: 2, at: ([x, y]: Float32Array) => sqrt(x * x + y * y) },
  ridge: { formula: "tanh(20 (x + y/2))", dimensions: 2, at: ([x, y]: Float32Array) => tanh(20 * (x + y / 2)) },
  bessel: {
    formula: "exp(J₀(20x) + y²)",
    dimensions: 2,
    at: ([x, y]: Float32Array) => exp(besselJ0(20 * abs(x)) + y * y),
  },
  "four-dimensional": {
    formula: "exp((sin π(a² + b²) + sin π(c² + d²)) / 2)",
    dimensions: 4,
    at: ([a, b, c, d]: Float32Array) => exp((sin(PI * (a * a + b * b)) + sin(PI * (c * c + d * d))) / 2),
  },
};

/** Points drawn uniformly from [−1, 1]^d with the function's values there: x (rows, d), y (rows, 1). */
export function sampleFunction(
  { dimensions, at }: TargetFunction,
  rows: number,
  seed: number,
): { x: Tensor; y: Tensor } {
  const random = new Random(seed);
  const x = Float32Array.from({ length: rows * dimensions }, () => random.uniform(-1, 1));
  const y = Float32Array.from({ length: rows }, (_, i) => at(x.subarray(i * dimensions, (i + 1) * dimensions)));
  return { x: { data: x, shape: [rows, dimensions] }, y: { data: y, shape: [rows, 1] } };
}
