import type { Graph, Value } from "../graph.ts";
import { reshapeValue, sameShape, withoutReshape } from "../view.ts";
import type { Surroundings } from "./rewrite.ts";

/**
 * exp(x − max x) times the reciprocal of its sum along the last axis: ONNX's Softmax, which passes over memory once where these seven operators pass four times.
 */
export function softmax(graph: Graph, value: Value, around: Surroundings): Value | undefined {
  if (value.op !== "Mul") return undefined;
  const [exponential, divisor] = value.inputs[0].shape.at(-1) === 1 ? value.inputs.toReversed() : value.inputs;
  const [e, reciprocal] = [exponential, divisor].map(withoutReshape);
  if (e.op !== "Exp" || reciprocal.op !== "Reciprocal" || !sameShape(exponential.shape, value.shape)) return undefined;
  const sum = withoutReshape(reciprocal.inputs[0]);
  if (!reducesRows(sum, "ReduceSum", e, value.shape.at(-1)!) || !sameShape(divisor.shape, value.shape.with(-1, 1)))
    return undefined;
  const x = beforeShift(withoutReshape(e.inputs[0]));
  if (!x) return undefined;
  // Whoever else needs the exponentials has them made all the same.
  const users = around.users(e).flatMap((user) => (user.op === "Reshape" ? around.users(user) : [user]));
  if (users.some((user) => user !== value && user !== sum)) return undefined;
  const rows = reshapeValue(graph, x, value.shape);
  return graph.node("Softmax", [rows], value.shape, value.dtype, { axis: value.shape.length - 1 });
}

/** Of x − max x, or of x + (−max x), the x. */
function beforeShift({ op, shape, inputs }: Value): Value | undefined {
  if (op !== "Sub" && op !== "Add") return undefined;
  for (const [x, shift] of op === "Sub" ? [inputs] : [inputs, inputs.toReversed()]) {
    const negative = withoutReshape(shift);
    if (op === "Add" && negative.op !== "Neg") continue;
    const largest = op === "Sub" ? negative : withoutReshape(negative.inputs[0]);
    const fits = sameShape(x.shape, shape) && sameShape(shift.shape, shape.with(-1, 1));
    if (fits && reducesRows(largest, "ReduceMax", withoutReshape(x), shape.at(-1)!)) return x;
  }
  return undefined;
}

/** Whether a value is the sum or maximum of every run of `length` numbers of `source`. */
function reducesRows(value: Value, op: string, source: Value, length: number): boolean {
  if (value.op !== op || withoutReshape(value.inputs[0]) !== source) return false;
  const { shape } = value.inputs[0];
  const axes = (value.attributes.axes as readonly number[] | undefined) ?? [...value.inputs[1].data!].map(Number);
  return axes.length === 1 && axes[0] === shape.length - 1 && shape.at(-1) === length;
}
