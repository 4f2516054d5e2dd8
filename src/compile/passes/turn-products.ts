import { sizeOf } from "../../tensor.ts";
import type { Graph, Value } from "../graph.ts";
import { reshapeValue, sameShape, withoutReshape } from "../view.ts";
import type { Surroundings } from "./rewrite.ts";

/** (A B)ᵀ is Bᵀ Aᵀ, which a product reads as it lies. */
export function turnProducts(graph: Graph, value: Value, around: Surroundings): Value | undefined {
  if (!isTurned(value)) return undefined;
  const [source] = value.inputs;
  const made = withoutReshape(source);
  if (around.uses(source) > 1 || around.uses(made) > 1 || !sameShape(source.shape.slice(-2), made.shape.slice(-2)))
    return undefined;
  const number = made.op === "Mul" ? made.inputs.find(({ shape }) => sizeOf(shape) === 1) : undefined;
  if (number) {
    const factor = made.inputs.find((input) => input !== number) ?? number;
    const upright = reshapeValue(graph, factor, source.shape);
    const product = turnProducts(graph, turned(graph, upright), around);
    // Without dimensions: those of the number may be more than the product's.
    const scalar = reshapeValue(graph, number, []);
    return product && graph.node("Mul", [product, scalar], value.shape, value.dtype);
  }
  const [a, b] = made.inputs;
  const shape = [...made.shape.slice(0, -2), ...value.shape.slice(-2)];
  const product = (op: string, factors: Value[], attributes = {}) =>
    reshapeValue(graph, graph.node(op, factors, shape, value.dtype, attributes), value.shape);
  if (made.op === "Gemm" && made.inputs.length === 2) {
    const { transA, transB } = made.attributes as Record<string, number>;
    return product("Gemm", [b, a], { transA: 1 - transB, transB: 1 - transA });
  }
  if (made.op !== "MatMul" || !(isTurned(a) || isTurned(b))) return undefined;
  return product("MatMul", [turned(graph, b), turned(graph, a)]);
}

/** Whether the last two dimensions change places, and no others. */
export function isTurned({ op, attributes, shape }: Value): boolean {
  return op === "Transpose" && String(attributes.perm) === String(turn(shape));
}

/** Matrices turned; those that were are as they were before. */
function turned(graph: Graph, value: Value): Value {
  if (isTurned(value)) return value.inputs[0];
  const perm = turn(value.shape);
  const shape = perm.map((i) => value.shape[i]);
  return graph.node("Transpose", [value], shape, value.dtype, { perm });
}

function turn(shape: readonly number[]): number[] {
  const last = shape.length - 1;
  return [...shape.keys()].with(last, last - 1).with(last - 1, last);
}
