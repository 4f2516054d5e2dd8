// jax-js writes the logistic function and tanh out in exponentials; ONNX has an operator for each, faster and more exact.
import type { Graph, Value } from "../graph.ts";

/** A constant of one number that passes the test. */
export const isConstant = (value: Value, test: (number: number) => boolean): boolean =>
  value.op === "Constant" && value.data!.length === 1 && test(Number(value.data![0]));

/** The other input of a commutative operator whose one input is a constant that passes the test. */
export function besideConstant(value: Value, op: string, test: (number: number) => boolean): Value | undefined {
  if (value.op !== op) return undefined;
  const [a, b] = value.inputs;
  if (isConstant(b, test)) return a;
  return isConstant(a, test) ? b : undefined;
}

/** Where float32 has exp(−x) overflow, sigmoid(x) is 0 to 35 digits: a clamp below this changes nothing. */
const CLAMP = -80;

/** `value` = 1 + exp(−x): sigmoid(x), the reciprocal. */
export function sigmoidOfReciprocal(graph: Graph, value: Value): Value | undefined {
  const exponential = besideConstant(value, "Add", (number) => number === 1);
  if (exponential?.op !== "Exp" || exponential.inputs[0].op !== "Neg") return undefined;
  const [argument] = exponential.inputs[0].inputs;
  const x = besideConstant(argument, "Max", (number) => number <= CLAMP) ?? argument;
  return graph.node("Sigmoid", [x], value.shape, value.dtype);
}

/** tanh(x) = 2 sigmoid(2x) − 1, given the sigmoid. */
export function tanhOfSigmoid(graph: Graph, sigmoid: Value): Value | undefined {
  const x = sigmoid.op === "Sigmoid" ? besideConstant(sigmoid.inputs[0], "Mul", (number) => number === 2) : undefined;
  return x && graph.node("Tanh", [x], sigmoid.shape, sigmoid.dtype);
}
