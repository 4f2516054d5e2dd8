// Rewrites that need to know how often a value is used, so they come after the whole graph is there.
import { type Graph, liveValues, type Value } from "./graph.ts";
import { product, reshapeValue, sameShape } from "./view.ts";

/** Improves a finished graph. */
export function optimize(graph: Graph, outputs: readonly Value[]): Value[] {
  return lateReshapes(graph, rewrite(graph, rewrite(graph, outputs, joinProducts), addInProduct));
}

const ELEMENTWISE = new Set(
  "Add Sub Mul Div Neg Exp Log Sqrt Tanh Sigmoid Reciprocal Max Min Less LessOrEqual Equal Not Where Erf Sin Cos".split(
    " ",
  ),
);

/** An operator over reshaped values of one shape is the reshaped operator: most reshapes meet their opposite and vanish. */
function lateReshapes(graph: Graph, outputs: readonly Value[]): Value[] {
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

/** The graph around a value: how often it is used, and the one value that uses it, if there is one. */
type Surroundings = { uses(value: Value): number; user(value: Value): Value | undefined };
type Rule = (graph: Graph, value: Value, around: Surroundings) => Value | undefined;

/** Replaces every value for which the rule has something better. The rule sees the graph as it was. */
function rewrite(graph: Graph, outputs: readonly Value[], rule: Rule): Value[] {
  const live = liveValues(outputs);
  const users = new Map<Value, Value[]>();
  for (const value of live) for (const input of value.inputs) users.set(input, [...(users.get(input) ?? []), value]);
  const results = new Set(outputs);
  const around: Surroundings = {
    uses: (value) => (users.get(value)?.length ?? 0) + Number(results.has(value)),
    user: (value) => (around.uses(value) === 1 ? users.get(value)?.[0] : undefined),
  };
  const replaced = new Map<Value, Value>();
  for (const value of live) {
    const better = rule(graph, value, around);
    if (better) replaced.set(value, better);
  }
  return renew(graph, outputs, replaced);
}

/** The outputs with some values replaced, everywhere. */
function renew(graph: Graph, outputs: readonly Value[], replaced: ReadonlyMap<Value, Value>): Value[] {
  const renewed = new Map<Value, Value>();
  // A replacement is made of old values, which may be replaced themselves.
  const roots = outputs.map((output) => replaced.get(output) ?? output);
  const inputsOf = (value: Value) => value.inputs.map((input) => replaced.get(input) ?? input);
  for (const value of liveValues(roots, inputsOf)) {
    const inputs = inputsOf(value).map((input) => renewed.get(input)!);
    renewed.set(value, graph.again(value, inputs));
  }
  return roots.map((root) => renewed.get(root)!);
}

/** Products over at most so many rows are worth joining, and only if there are so many of them: joining copies their operands. */
const FEW_ROWS = 256;
const MANY_PRODUCTS = 4;

/** Aᵀ₁B₁ + Aᵀ₂B₂ + … over few rows each, as of the steps of a recurrent layer: one product of the matrices on top of each other. */
function joinProducts(graph: Graph, value: Value, around: Surroundings): Value | undefined {
  const isPart = (sum: Value) => sum.op === "Add" && sameShape(sum.shape, value.shape);
  const user = around.user(value);
  if (!isPart(value) || (user && isPart(user))) return undefined;
  const terms: Value[] = [];
  const open = [...value.inputs];
  for (let term = open.pop(); term; term = open.pop()) {
    if (isPart(term) && around.uses(term) === 1) open.push(...term.inputs);
    else terms.push(term);
  }
  const joins = ({ op, inputs, attributes, shape }: Value) =>
    op === "Gemm" &&
    inputs.length === 2 &&
    attributes.transA === 1 &&
    attributes.transB === 0 &&
    inputs[0].shape[0] <= FEW_ROWS &&
    sameShape(shape, value.shape);
  const products = terms.filter((term) => joins(term) && around.uses(term) === 1).sort((a, b) => b.id - a.id);
  if (products.length < MANY_PRODUCTS) return undefined;
  const stack = (i: number) => {
    const parts = products.map(({ inputs }) => inputs[i]);
    const rows = parts.reduce((total, { shape }) => total + shape[0], 0);
    return graph.node("Concat", parts, [rows, parts[0].shape[1]], value.dtype, { axis: 0 });
  };
  const joined = graph.node("Gemm", [stack(0), stack(1)], value.shape, value.dtype, { transA: 1, transB: 0 });
  return terms
    .filter((term) => !products.includes(term))
    .reduce((sum, term) => graph.node("Add", [sum, term], value.shape, value.dtype), joined);
}

/** To negate a value is cheap if it has at most one element for so many of the result. */
const CHEAP_SHARE = 16;

/** x + A B or A B − x, where the product serves nothing else and to negate x is cheap, is one operator. */
function addInProduct(graph: Graph, value: Value, around: Surroundings): Value | undefined {
  if (value.op === "Sub") {
    const [difference, row] = value.inputs;
    if (product(row.shape) > product(difference.shape) / CHEAP_SHARE) return undefined;
    const negated = graph.node("Neg", [row], row.shape, row.dtype);
    return addInProduct(graph, graph.node("Add", [difference, negated], value.shape, value.dtype), around);
  }
  if (value.op !== "Add") return undefined;
  for (const [sum, other] of [value.inputs, value.inputs.toReversed()]) {
    const matrices = sum.op === "Reshape" ? sum.inputs[0] : sum;
    if (matrices.op !== "Gemm" || matrices.inputs.length !== 2 || around.uses(sum) > 1 || around.uses(matrices) > 1)
      continue;
    const [rows, columns] = matrices.shape;
    if (product(value.shape) !== rows * columns) continue;
    const full = product(other.shape) === rows * columns;
    const row = product(other.shape) === columns && other.shape.at(-1) === columns && value.shape.at(-1) === columns;
    if (!full && !row) continue;
    const added = reshapeValue(graph, other, full ? matrices.shape : [columns]);
    const fused = graph.node("Gemm", [...matrices.inputs, added], matrices.shape, value.dtype, matrices.attributes);
    return reshapeValue(graph, fused, value.shape);
  }
  return undefined;
}
