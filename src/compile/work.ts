import { liveValues, type Value } from "./graph.ts";
import type { Equation, Jaxpr } from "./jaxpr.ts";
import { product } from "./view.ts";

/** Numbers made up to which a second thread takes longer to wake, 50 µs, than it helps. Measured. */
const SMALL = 750_000;
/** Multiplications of a matrix product that take as long as one number made by another operator. */
const PER_NUMBER = 32;

/** Whether one thread does it sooner than several. */
export const isSmallWork = (work: number): boolean => work <= SMALL;

/** Numbers that operators make on the way to some values. */
export const workOf = (outputs: readonly Value[]): number =>
  liveValues(outputs).reduce((total, value) => total + work(value), 0);

/** The same, estimated before there are operators: mostly within a half, and too much where much will fold. */
export const workOfTrace = ({ eqns }: Jaxpr): number =>
  eqns.reduce((total, equation) => total + workOfEquation(equation), 0);

/** Primitives that only move numbers. */
const MOVES = new Set("broadcast reshape transpose shrink split pad flip concatenate cast stop_gradient".split(" "));

function workOfEquation({ primitive, inputs, outBinders }: Equation): number {
  const [out] = outBinders.map(({ aval }) => product(aval.shape));
  const [, factor] = inputs.map(({ aval }) => aval.shape);
  if (MOVES.has(primitive)) return 0;
  if (primitive === "dot") return (out * (factor.at(-1) ?? 1)) / PER_NUMBER;
  return primitive === "conv" ? (out * product(factor.slice(1))) / PER_NUMBER : out;
}

const FREE = new Set(["Input", "Constant", "Reshape"]);
const PRODUCTS = new Set(["Gemm", "MatMul", "FusedGemm", "FusedMatMul"]);

function work({ op, inputs, shape }: Value): number {
  if (FREE.has(op)) return 0;
  if (op === "BlockedConv") return (product(shape) * product(inputs[1].shape)) / inputs[1].shape[0] / PER_NUMBER;
  if (!PRODUCTS.has(op)) return product(shape);
  // Of (m, k) and (k, n) to (m, n) there are m k n, the root of the product of the three sizes, whichever factor lies transposed.
  const sizes = [...inputs.slice(0, 2).flatMap((factor) => factor.shape), ...shape];
  return Math.sqrt(product(sizes)) / PER_NUMBER;
}
