// The gradient of a maximum is where(a < b, 0, g) for a and where(a < b, g, 0) for b. ONNX Runtime takes twice as long for them as
// for products with a mask of zeros and ones, which are the same but for one thing: they make NaN of an infinity or NaN that is masked out.
// Such a number must stay masked out where the function's own formula makes it, as in sqrt(relu(x)) below zero. Behind a matrix product
// there is none, or it stands in the same rows unmasked as well, and the step is refused.
import { type Graph, isProduct, liveValues, type Value } from "../graph.ts";
import { isConstant } from "../lower/recognize.ts";
import { product, reshapeValue, withoutReshape } from "../view.ts";
import type { Rule, Surroundings } from "./rewrite.ts";

/** Products with masks in place of the gradients of large maxima, where nothing but matrix products made what is masked. */
export function masked(outputs: readonly Value[]): Rule {
  const calm = madeOfProducts(outputs);
  return (graph, value, around) => {
    if (value.op !== "Where" || product(value.shape) < LARGE) return undefined;
    const [condition, whenTrue, whenFalse] = value.inputs;
    const given = isZero(whenTrue) ? whenFalse : whenTrue;
    if (given === whenTrue && !isZero(whenFalse)) return undefined;
    if (!calm.has(given) || product(condition.shape) !== product(value.shape)) return undefined;
    if (!comparesMaximum(condition, around)) return undefined;
    const times = (isLess: boolean) => {
      const mask = stepOf(graph, condition, isLess, calm) ?? ones(graph, condition, isLess);
      return graph.node("Mul", [given, mask], value.shape, value.dtype);
    };
    if (given === whenTrue) return times(true);
    const hasOther = around
      .users(condition)
      .some(({ op, inputs }) => op === "Where" && inputs[1] === given && isZero(inputs[2]));
    // What the other operand of the maximum does not get.
    if (hasOther) return graph.node("Sub", [given, times(true)], value.shape, value.dtype);
    return times(false);
  };
}

/** Elements from which on it pays. */
const LARGE = 16384;

const isZero = (value: Value): boolean => isConstant(value, (number) => number === 0);

/** The largest float32 that is short to write: times it, every difference but the smallest denormal numbers is beyond 1. */
const STEEP = 3.4e38;

/** Ones where the condition holds, or where it does not, else zeros. */
function ones(graph: Graph, condition: Value, holds: boolean): Value {
  const mask = holds ? condition : graph.node("Not", [condition], condition.shape, "bool");
  return graph.node("Cast", [mask], mask.shape, "float32", { to: "float32" });
}

/**
 * The same of a < b as HardSigmoid, max(0, min(1, αx + β)), of the difference, in half the time. Undefined where both may be the same infinity,
 * which has no difference to itself.
 */
function stepOf(graph: Graph, condition: Value, isLess: boolean, calm: ReadonlySet<Value>): Value | undefined {
  const { inputs, shape } = withoutReshape(condition);
  const [a, b] = inputs;
  const step = (x: Value, sign: number) => {
    const alpha = { float: (isLess ? sign : -sign) * STEEP };
    const beta = { float: isLess ? 0 : 1 };
    return reshapeValue(graph, graph.node("HardSigmoid", [x], shape, "float32", { alpha, beta }), condition.shape);
  };
  if (a.dtype !== "float32") return undefined;
  if (isZero(a)) return step(b, 1);
  if (isZero(b)) return step(a, -1);
  if (!calm.has(a) || !calm.has(b)) return undefined;
  return step(graph.node("Sub", [b, a], shape, "float32"), 1);
}

/** Whether the condition compares what the graph takes the maximum of. */
function comparesMaximum(condition: Value, around: Surroundings): boolean {
  const comparison = withoutReshape(condition);
  if (comparison.op !== "Less") return false;
  return comparison.inputs.every((operand) =>
    around
      .users(operand)
      .some(({ op, inputs }) => op === "Max" && comparison.inputs.every((one) => inputs.includes(one))),
  );
}

/** Operators that make no infinity of moderate numbers and pass one on to where it came from only. */
const CARRIES = new Set("Reshape Transpose Slice Concat Place Expand Where Add Sub Mul Neg Max Min Pad".split(" "));

/** Matrix products, and what is made of them and of constants without leaving the moderate numbers. */
function madeOfProducts(outputs: readonly Value[]): ReadonlySet<Value> {
  const made = new Set<Value>();
  const isFine = (value: Value) => made.has(value) || value.op === "Constant" || value.dtype === "bool";
  for (const value of liveValues(outputs))
    if (isProduct(value) || value.op === "BlockedConv" || (CARRIES.has(value.op) && value.inputs.every(isFine)))
      made.add(value);
  return made;
}
