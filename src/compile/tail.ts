// The end of a training step is its optimiser: a dozen operators on every parameter, each of them a pass over memory. One loop passes once.
import { type Graph, liveValues, type Value } from "./graph.ts";
import { isLoopOp, type Loop, type LoopOp } from "./loops.ts";
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
  (op === "Reshape" || TOTALS.has(op) ? inputs.slice(0, 1) : inputs).filter((input) => !isFixed(input));

/** Whether an operand has neither as many elements as the result nor a single one, so that a loop cannot read it. */
const repeats = (input: Value, value: Value): boolean => !isSingle(input) && length(input) !== length(value);

/** A sum over everything. */
const isTotal = (value: Value): boolean => TOTALS.has(value.op) && isSingle(value) && length(value.inputs[0]) > 1;
const TOTALS = new Set(["ReduceSum", "ReduceSumSquare"]);

/**
 * An operator that loops have, of operands as large as its result or of one number; another, as a factor per column, can be written out for it.
 * Or the sum of an array.
 */
function fits(value: Value): boolean {
  if (isTotal(value)) return value.dtype === "float32";
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
      const full = tail.has(value) && !isTotal(value) && arrayInputs(value).includes(input) && repeats(input, value);
      return full ? expandValue(graph, renewed.get(input)!, value.shape) : renewed.get(input)!;
    });
    renewed.set(value, graph.again(value, inputs));
  }
  return outputs.map((output) => renewed.get(output)!);
}

/** What fits and serves nothing that does not, and totals of what loops read or make anyway. */
function tailOf(outputs: readonly Value[]): Set<Value> {
  const live = liveValues(outputs);
  const tail = new Set(live.filter(fits));
  for (const value of live.toReversed()) if (!tail.has(value)) for (const input of value.inputs) tail.delete(input);
  const others = [...tail].filter((value) => !isTotal(value));
  const reached = new Set([...outputs, ...others, ...others.flatMap(arrayInputs)]);
  for (const value of tail) if (isTotal(value) && !reached.has(value.inputs[0])) tail.delete(value);
  return tail;
}

/**
 * Parts of the tail that share nothing but what lies outside them and single numbers, in an order in which each follows what it reads. What depends on a
 * total is another part than what makes it.
 */
function connected(tail: ReadonlySet<Value>): Value[][] {
  const groups = new Map<Value, Set<Value>>();
  const stages = new Map<Value, number>();
  const join = (...values: Value[]) => {
    const group = new Set(values.flatMap((value) => [...(groups.get(value) ?? [value])]));
    for (const member of group) groups.set(member, group);
  };
  for (const value of tail) {
    const inputs = arrayInputs(value).filter((input) => tail.has(input));
    const stage = Math.max(0, ...inputs.map((input) => stages.get(input)! + (isTotal(input) ? 1 : 0)));
    stages.set(value, stage);
    const isPassed = (input: Value) => !isTotal(input) && (length(input) === length(value) || isTotal(value));
    join(value, ...inputs.filter((input) => isPassed(input) && stages.get(input) === stage));
  }
  // A total of what another part reads is made there.
  for (const value of tail) {
    const [source] = isTotal(value) ? value.inputs : [];
    if (!source || tail.has(source)) continue;
    const reads = (other: Value) => stages.get(other) === 0 && !isTotal(other) && arrayInputs(other).includes(source);
    join(value, ...[...tail].filter((other) => reads(other) && length(other) === length(source)).slice(0, 1));
  }
  const parts = [...new Set(groups.values())].map((group) => [...group].sort((a, b) => a.id - b.id));
  const isOfNumbers = (part: Value[]) => part.every((value) => isSingle(value) && !isTotal(value));
  const order = (part: Value[]) => 2 * stages.get(part[0])! + (isOfNumbers(part) ? 0 : 1);
  return parts.sort((a, b) => order(a) - order(b));
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
  const calculate = (op: LoopOp, registers: readonly number[]) =>
    outside.length + fixed.length + steps.push({ op, registers }) - 1;
  for (const value of group) {
    const [first, ...rest] = value.inputs.map((input) => registers.get(input)!);
    if (value.op === "Reshape" || value.op === "ReduceSum") registers.set(value, first);
    else if (value.op === "ReduceSumSquare") registers.set(value, calculate("Mul", [first, first]));
    else if (isLoopOp(value.op)) registers.set(value, calculate(value.op, [first, ...rest]));
  }
  const own = results.filter(({ value }) => group.includes(value));
  const [sums, written] = [own.filter(({ value }) => isTotal(value)), own.filter(({ value }) => !isTotal(value))];
  const size = Math.max(...[...group, ...outside].map(length));
  return {
    length: size,
    slots: [...outside.map((value) => slots.get(value)!), ...[...written, ...sums].map(({ slot }) => slot)],
    loop: {
      reads: outside.map((value) => (isSingle(value) && size > 1 ? "same" : "each")),
      constants: fixed.map(({ data }) => Number(data![0])),
      steps,
      writes: written.map(({ value }) => registers.get(value)!),
      sums: sums.map(({ value }) => registers.get(value)!),
    },
  };
}
