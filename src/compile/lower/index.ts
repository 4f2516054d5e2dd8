import { type Dtype, type Graph, isProduct, type Value } from "../graph.ts";
import type { Atom, Equation, Jaxpr } from "../jaxpr.ts";
import { hasShape, materialize, shapeOf, type View } from "../view.ts";
import { cast, isFloat, scalar } from "./arithmetic.ts";
import { unscaled } from "./elementwise.ts";
import { NotLowerable, RULES, type Scope } from "./rules.ts";

/** Options of {@link lower}. */
export type LowerOptions = {
  /** Positions of equations whose matrix product is stored transposed. */
  flips?: ReadonlySet<number>;
  /** See {@link Scope}. */
  channelBlock?: number;
  /** Leaves it to the caller to multiply results by their scales. */
  loose?: boolean;
};

/**
 * A jaxpr as a graph of ONNX operators, whose outputs are float32 whatever the jaxpr's are. What the jaxpr makes are the outputs times the scales, which
 * are 1 unless `loose`.
 */
export function lower(
  graph: Graph,
  jaxpr: Jaxpr,
  inputs: readonly View[],
  { flips, channelBlock, loose = false }: LowerOptions = {},
): { outputs: Value[]; scales: number[]; products: Map<Value, number> } {
  const views = new Map<Atom, View>(jaxpr.inBinders.map((binder, i) => [binder, inputs[i]]));
  const uses = countUses(jaxpr);
  const made = new Map<Atom, Equation>();
  const products = new Map<Value, number>();
  const read = (atom: Atom, dtype: Dtype = atom.aval.dtype): View => {
    if (atom.value !== undefined) return scalar(graph, Number(atom.value), dtype);
    return views.get(atom)!;
  };
  for (const [position, equation] of jaxpr.eqns.entries()) {
    const rule = RULES[equation.primitive];
    if (!rule) throw new NotLowerable(equation.primitive);
    const scope: Scope = {
      graph,
      flip: flips?.has(position) ?? false,
      channelBlock,
      factorsOf(atom) {
        const maker = made.get(atom);
        if (
          maker?.primitive !== "mul" ||
          uses.get(atom) !== 1 ||
          !isFloat(atom.aval.dtype) ||
          maker.inputs.some((input) => input.value !== undefined)
        ) {
          return undefined;
        }
        return operandsOf(graph, maker, read) as [View, View];
      },
    };
    const results = rule(operandsOf(graph, equation, read), equation, scope);
    for (const [i, binder] of equation.outBinders.entries()) {
      if (!hasShape(results[i], binder.aval.shape)) {
        throw new Error(
          `internal: ${equation.primitive} gave (${shapeOf(results[i])}), expected (${binder.aval.shape})`,
        );
      }
      views.set(binder, results[i]);
      made.set(binder, equation);
      if (equation.primitive === "dot" && isProduct(results[i].base)) products.set(results[i].base, position);
    }
  }
  const results = jaxpr.outs.map((out) => cast(graph, read(out), "float32"));
  const outputs = results.map((view) => materialize(graph, loose ? { ...view, scale: 1 } : unscaled(graph, view)));
  return { outputs, scales: results.map(({ scale }) => (loose ? scale : 1)), products };
}

/** Primitives that bring their operands to one element type first. */
const PROMOTING = new Set(["add", "mul", "idiv", "mod", "min", "max", "dot", "compare", "where", "concatenate"]);

function operandsOf(graph: Graph, equation: Equation, read: (atom: Atom, dtype?: Dtype) => View): View[] {
  const { inputs, primitive, outBinders } = equation;
  if (!PROMOTING.has(primitive)) return inputs.map((atom) => read(atom));
  const common = primitive === "compare" ? promoted(inputs) : outBinders[0].aval.dtype;
  return inputs.map((atom, i) => {
    if (primitive === "where" && i === 0) return read(atom);
    return atom.value === undefined ? cast(graph, read(atom), common) : read(atom, common);
  });
}

const RANKING: readonly Dtype[] = ["bool", "uint32", "int32", "float16", "float32", "float64"];

/** The element type in which jax-js compares: the higher one; a number beside an array takes the array's, but never bool. */
function promoted([x, y]: readonly Atom[]): Dtype {
  const higher = (a: Dtype, b: Dtype) => (RANKING.indexOf(a) > RANKING.indexOf(b) ? a : b);
  if (x.aval.weakType === y.aval.weakType) return higher(x.aval.dtype, y.aval.dtype);
  return higher(x.aval.weakType ? y.aval.dtype : x.aval.dtype, "uint32");
}

function countUses(jaxpr: Jaxpr): Map<Atom, number> {
  const uses = new Map<Atom, number>();
  const count = (atom: Atom) => uses.set(atom, (uses.get(atom) ?? 0) + 1);
  for (const { inputs } of jaxpr.eqns) inputs.forEach(count);
  jaxpr.outs.forEach(count);
  return uses;
}
