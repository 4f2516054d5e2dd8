import type { Tracing } from "../nn/tracing.ts";
import type { ParamTensors } from "../params.ts";
import { sizeOf } from "../tensor.ts";
import { Graph, isProduct, liveValues, type Value } from "./graph.ts";
import type { Jaxpr } from "./jaxpr.ts";
import { scalar } from "./lower/arithmetic.ts";
import { type LowerOptions, lower } from "./lower/index.ts";
import { besideConstant } from "./lower/recognize.ts";
import { encodeModel } from "./onnx.ts";
import { optimize } from "./passes/index.ts";
import { quickTransposes } from "./passes/quick-transposes.ts";
import { rewrite } from "./passes/rewrite.ts";
import { runtimeProducts } from "./passes/runtime-products.ts";
import { type SplitGraph, splitTail } from "./tail.ts";
import { type Constant, type TracedFunction, traceFunction } from "./traced.ts";
import { broadcastTo, viewOf, withoutReshape } from "./view.ts";
import { workOf } from "./work.ts";

/** An ONNX model and loops that run after it, over slots ({@link SplitGraph}). */
export interface ModelAndLoops extends Pick<SplitGraph, "loops"> {
  readonly model: Uint8Array;
  /** The arguments' leaves that the model reads, by position. */
  readonly inputs: readonly { name: string; position: number }[];
  /** What the model makes, and the slot it goes to. */
  readonly made: readonly { name: string; slot: number }[];
  /** An output of the model that only says that all others are written (see session.ts); small results do without. */
  readonly end?: string;
  /** How much the model computes (see work.ts). */
  readonly work: number;
}

/** A compiled function. Its results are the first slots. */
export interface Program extends ModelAndLoops, Pick<SplitGraph, "extras"> {
  /** Shapes of all results, in order. */
  readonly outputs: readonly (readonly number[])[];
  /** What to multiply each result by, where that was left open; else 1. */
  readonly scales: readonly number[];
  /** Puts results back into the form that the function returned. */
  unflatten<T>(leaves: readonly T[]): unknown;
}

/** What a program is compiled for. Without a block, for any runtime of ONNX. */
export type Target = Tracing;

/** A function as a graph: one input per leaf of its arguments, one output per result. */
export type FunctionGraph = Pick<Program, "unflatten"> & {
  graph: Graph;
  inputs: readonly Value[];
  outputs: readonly Value[];
};

/** What else to know of a program. */
export type ProgramOptions = Target & {
  /** Positions of the leaves that loops can reach. Without any, the model makes everything. */
  held?: readonly number[];
  /** Whether one thread alone will run it. */
  alone?: boolean;
  /** Leaves it to the caller to multiply results by the program's `scales`. */
  loose?: boolean;
};

/**
 * Compiles a function for arguments of the shapes of `args`.
 *
 * @throws NotLowerable naming the primitive that has no form in ONNX.
 */
export const buildProgram = (
  fn: (...args: never[]) => unknown,
  args: readonly ParamTensors[],
  options: ProgramOptions = {},
): Program => programOf(traceFunction(fn, args, options), options);

/** {@link buildProgram} of what has been traced. */
export function programOf(
  { jaxpr, constants, unflatten }: TracedFunction,
  { held = [], ...options }: ProgramOptions = {},
): Program {
  const { graph, inputs, outputs, scales } = graphOf(jaxpr, constants, options);
  const reached = held.map((position) => inputs[position]);
  const split = held.length > 0 ? splitTail(graph, outputs, reached) : whole(outputs);
  const values = rewrite(
    graph,
    split.made.map(({ value }) => value),
    runtimeProducts,
    quickTransposes,
  );
  const made = split.made.map(({ slot }, i) => ({ value: values[i], slot, name: `o${slot}` }));
  const read = new Set(liveValues(made.map(({ value }) => value)));
  const ports = inputs.map((value, position) => ({ name: `i${position}`, position, value }));
  const used = ports.filter(({ value }) => read.has(value));
  const shapes = outputs.map(({ shape }) => shape);
  const elements = made.reduce((total, { value }) => total + sizeOf(value.shape), 0);
  const end = elements < LARGE ? undefined : "end";
  const model = encodeModel(used, made, { emptySequence: end, splits: true });
  return {
    extras: split.extras,
    loops: split.loops,
    model,
    // Without their values: nothing of the graph is kept.
    inputs: used.map(({ name, position }) => ({ name, position })),
    made: made.map(({ name, slot }) => ({ name, slot })),
    end,
    work: workOf(values),
    outputs: shapes,
    scales,
    unflatten,
  };
}

/** Numbers among the results from which on copies of them cost more than an exception. */
const LARGE = 16384;

const whole = (outputs: readonly Value[]): SplitGraph => ({
  made: outputs.map((value, slot) => ({ value, slot })),
  extras: [],
  loops: [],
});

/** {@link buildProgram} before anything is written. */
export function buildGraph(
  fn: (...args: never[]) => unknown,
  args: readonly ParamTensors[],
  target: Target = {},
): FunctionGraph {
  const { jaxpr, constants, unflatten } = traceFunction(fn, args, target);
  const { graph, inputs, outputs } = graphOf(jaxpr, constants, target);
  return { graph, inputs, outputs, unflatten };
}

/** The graph of a traced function: whichever moves fewer numbers, with matrix products stored as they are made, or some of them turned. */
function graphOf(jaxpr: Jaxpr, constants: readonly Constant[], { alone, ...options }: ProgramOptions) {
  const build = (flips?: ReadonlySet<number>) => lowered(jaxpr, constants, { flips, ...options });
  const first = build();
  const flips = turnedProducts(first);
  const second = flips.size > 0 ? build(flips) : first;
  const { graph, inputs, outputs, scales } = moved(second.outputs) < moved(first.outputs) ? second : first;
  return { graph, inputs, outputs: optimize(graph, outputs, { alone }), scales };
}

function lowered(jaxpr: Jaxpr, constants: readonly Constant[], options: LowerOptions) {
  const graph = new Graph();
  // What repeats is stored once and recognised as that number.
  const fixed = constants.map(({ shape, data, repeats }, i) => {
    const { dtype } = jaxpr.inBinders[i].aval;
    return repeats
      ? broadcastTo(scalar(graph, Number(data[0]), dtype), shape)
      : viewOf(graph.constant(data, shape, dtype));
  });
  const inputs = jaxpr.inBinders.slice(constants.length).map(({ aval }) => graph.input(aval.shape, "float32"));
  return { graph, inputs, ...lower(graph, jaxpr, [...fixed, ...inputs.map((input) => viewOf(input))], options) };
}

/** Positions of the matrix products of whose results rows and columns change places before anything else is done with them. */
function turnedProducts({ outputs, products }: { outputs: Value[]; products: Map<Value, number> }): Set<number> {
  const turned = new Set<number>();
  for (const value of liveValues(outputs)) {
    if (!scatters(value)) continue;
    const position = products.get(withoutScale(withoutReshape(value.inputs[0])));
    if (position !== undefined) turned.add(position);
  }
  return turned;
}

/** Whether a value is a transpose in which neighbours do not stay neighbours. */
const scatters = ({ op, shape, attributes }: Value): boolean =>
  op === "Transpose" && (attributes.perm as number[]).at(-1) !== shape.length - 1;

/** What a value is a multiple of. */
const withoutScale = (value: Value): Value => withoutReshape(besideConstant(value, "Mul", Number.isFinite) ?? value);

/**
 * Numbers that are moved without being changed, plus those that matrix products make, which a bad turn would make twice. Scattered, a number counts
 * three times.
 */
const moved = (outputs: readonly Value[]): number =>
  liveValues(outputs)
    .filter((value) => value.op === "Transpose" || isProduct(value))
    .reduce((total, value) => total + sizeOf(value.shape) * (scatters(value) ? 3 : 1), 0);
