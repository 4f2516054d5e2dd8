import { type Graph, liveValues, type Value } from "../graph.ts";
import { reshapeValue, sameShape } from "../view.ts";

const ELEMENTWISE = new Set(
  "Add Sub Mul Div Neg Exp Log Sqrt Tanh Sigmoid Reciprocal Max Min Cast Less LessOrEqual Equal Not Where Erf Sin Cos".split(
    " ",
  ),
);

/** An operator over reshaped values of one shape is the reshaped operator: most reshapes meet their opposite and vanish. */
export function lateReshapes(graph: Graph, outputs: readonly Value[]): Value[] {
  const renewed = new Map<Value, Value>();
  for (const value of liveValues(outputs)) {
    const inputs = value.inputs.map((input) => renewed.get(input)!);
    renewed.set(value, reshapedLater(graph, value, inputs) ?? graph.again(value, inputs));
  }
  return outputs.map((output) => renewed.get(output)!);
}

function reshapedLater(graph: Graph, value: Value, inputs: readonly Value[]): Value | undefined {
  if (value.op === "Reshape") return reshapeValue(graph, inputs[0], value.shape);
  if (!ELEMENTWISE.has(value.op)) return undefined;
  const tensors = inputs.filter(({ shape }) => shape.length > 0);
  const sources = tensors.map(({ op, inputs: [source] }) => (op === "Reshape" ? source : undefined));
  const [first] = sources;
  if (!first || !sources.every((source) => source && sameShape(source.shape, first.shape))) return undefined;
  if (!tensors.every(({ shape }) => sameShape(shape, value.shape))) return undefined;
  const bare = inputs.map((input) => (input.shape.length > 0 ? input.inputs[0] : input));
  return reshapeValue(graph, graph.node(value.op, bare, first.shape, value.dtype, value.attributes), value.shape);
}
