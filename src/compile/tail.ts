// The end of a training step is its optimiser: a dozen operators on every parameter, each of them a pass over memory. One loop passes once.
import { type Graph, liveValues, type Value } from "./graph.ts";
import { isLoopOp, type Loop } from "./loops.ts";
import { expandValue, product } from "./view.ts";

/**
 * A graph in two: what operators make, and loops over it that make the rest. Slots are arrays that both work on: first one per output of
 * the graph, then the `extras` that pass from the operators to the loops or from loop to loop, then the inputs that are held.
 */
export interface SplitGraph {
  /** What operators make, and the slot it goes to. */
  readonly made: readonly { readonly value: Value; readonly slot: number }[];
  /** Shapes of the extras. */
  readonly extras: readonly (readonly number[])[];
  /** In the order in which they must run, after the operators. */
  readonly loops: readonly PlacedLoop[];
}

/** A loop over the arrays of some slots, those read before those written. */
export interface PlacedLoop {
  readonly loop: Loop;
  readonly length: number;
  readonly slots: readonly number[];
}

/**
 * Takes the element-wise end off a graph that makes some results.
 *
 * @param held - inputs that loops can read; they cannot reach the others.
 */
export function splitTail(graph: Graph, results: readonly Value[], held: readonly Value[]): SplitGraph {
  const outputs = writtenOut(graph, results);
  const tail = tailOf(outputs);
  const groups = connected(tail);
  const slots = new Map<Value, number>();
  for (const [i, value] of outputs.entries()) if (!slots.has(value)) slots.set(value, i);
  const extras: Value[] = [];
  for (const value of groups.flatMap((group) => outsideOf(group))) {
    if (slots.has(value) || held.includes(value)) continue;
    slots.set(value, outputs.length + extras.length);
    extras.push(value);
  }
  for (const [i, value] of held.entries()) slots.set(value, outputs.length + extras.length + i);
  const filled = [...outputs, ...extras].map((value, slot) => ({ value, slot }));
  return {
    made: filled.filter(({ value }) => !tail.has(value)),
    extras: extras.map(({ shape }) => shape),
    loops: groups.map((group) => placedLoop(group, filled, slots)),
  };
}

const length = ({ shape }: Value): number => product(shape);
const isSingle = (value: Value): boolean => length(value) === 1;
const isFixed = (value: Value): boolean => value.op === "Constant" && isSingle(value);

/** Operands but for numbers that are part of a loop. A reshape moves nothing, so its shape is no operand. */
const arrayInputs = ({ op, inputs }: Value): readonly Value[] =>
  (op === "Reshape" ? inputs.slice(0, 1) : inputs).filter((input) => !isFixed(input));

/** Whether an operand has neither as many elements as the result nor a single one, so that a loop cannot read it. */
const repeats = (input: Value, value: Value): boolean => !isSingle(input) && length(input) !== length(value);

/** An operator that loops have, of operands as large as its result or of one number; another, as a factor per column, can be written out for it. */
function fits(value: Value): boolean {
  if (!(value.op === "Reshape" || isLoopOp(value.op)) || value.dtype !== "float32" || length(value) === 0) return false;
  const inputs = arrayInputs(value);
  return inputs.every(({ op }) => op !== "Constant") && inputs.some((input) => length(input) === length(value));
}

/** The outputs with operands written out where that lets a loop make what else would take a pass per operator. */
function writtenOut(graph: Graph, outputs: readonly Value[]): Value[] {
  const tail = tailOf(outputs);
  const renewed = new Map<Value, Value>();
  for (const value of liveValues(outputs)) {
    const inputs = value.inputs.map((input) => {
      const full = tail.has(value) && arrayInputs(value).includes(input) && repeats(input, value);
      return full ? expandValue(graph, renewed.get(input)!, value.shape) : renewed.get(input)!;
    });
    renewed.set(value, graph.again(value, inputs));
  }
  return outputs.map((output) => renewed.get(output)!);
}

/** What fits and serves nothing that does not. */
function tailOf(outputs: readonly Value[]): Set<Value> {
  const live = liveValues(outputs);
  const tail = new Set(live.filter(fits));
  for (const value of live.toReversed()) if (!tail.has(value)) for (const input of value.inputs) tail.delete(input);
  return tail;
}

/** Parts of the tail that share nothing but what lies outside it and single numbers; these first, for the others read them. */
function connected(tail: ReadonlySet<Value>): Value[][] {
  const groups = new Map<Value, Set<Value>>();
  for (const value of tail) {
    const inputs = arrayInputs(value).filter((input) => tail.has(input) && length(input) === length(value));
    const group = new Set([...inputs.flatMap((input) => [...groups.get(input)!]), value]);
    for (const member of group) groups.set(member, group);
  }
  const parts = [...new Set(groups.values())].map((group) => [...group].sort((a, b) => a.id - b.id));
  return parts.sort(([a], [b]) => Number(isSingle(b)) - Number(isSingle(a)));
}

/** The arrays that a part of the tail reads and does not make. */
const outsideOf = (group: readonly Value[]): Value[] =>
  [...new Set(group.flatMap(arrayInputs))].filter((value) => !group.includes(value));

function placedLoop(
  group: readonly Value[],
  results: readonly { value: Value; slot: number }[],
  slots: ReadonlyMap<Value, number>,
): PlacedLoop {
  const outside = outsideOf(group);
  const fixed = [...new Set(group.flatMap(({ op, inputs }) => (op === "Reshape" ? [] : inputs)).filter(isFixed))];
  const registers = new Map<Value, number>([...outside, ...fixed].map((value, i) => [value, i]));
  const steps: Loop["steps"][number][] = [];
  for (const value of group) {
    const [first, ...rest] = value.inputs.map((input) => registers.get(input)!);
    if (value.op === "Reshape") registers.set(value, first);
    else if (isLoopOp(value.op)) {
      registers.set(value, outside.length + fixed.length + steps.length);
      steps.push({ op: value.op, registers: [first, ...rest] });
    }
  }
  const written = results.filter(({ value }) => group.includes(value));
  const size = length(group[0]);
  return {
    length: size,
    slots: [...outside.map((value) => slots.get(value)!), ...written.map(({ slot }) => slot)],
    loop: {
      reads: outside.map((value) => (isSingle(value) && size > 1 ? "same" : "each")),
      constants: fixed.map(({ data }) => Number(data![0])),
      steps,
      writes: written.map(({ value }) => registers.get(value)!),
    },
  };
}
