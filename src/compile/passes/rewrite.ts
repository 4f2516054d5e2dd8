// Rewrites that need to know how often a value is used, so they come after the whole graph is there.
import { type Graph, liveValues, type Value } from "../graph.ts";

/** The graph around a value: how often it is used, and the one value that uses it, if there is one. */
export type Surroundings = {
  /** Operators that take the value. */
  users(value: Value): readonly Value[];
  uses(value: Value): number;
  user(value: Value): Value | undefined;
};
export type Rule = (graph: Graph, value: Value, around: Surroundings) => Value | undefined;

/** Replaces, rule by rule, every value for which a rule has something better. A rule sees the graph as the one before it left it. */
export function rewrite(graph: Graph, outputs: readonly Value[], ...rules: Rule[]): readonly Value[] {
  let results = outputs;
  let known = surroundings(results);
  for (const rule of rules) {
    const replaced = new Map<Value, Value>();
    for (const value of known.live) {
      const better = rule(graph, value, known.around);
      if (better) replaced.set(value, better);
    }
    if (replaced.size === 0) continue;
    results = renew(graph, results, replaced);
    known = surroundings(results);
  }
  return results;
}

/** Everything that outputs need, and what uses it. */
function surroundings(outputs: readonly Value[]): { live: readonly Value[]; around: Surroundings } {
  const live = liveValues(outputs);
  let known: ReadonlyMap<Value, Value[]> | undefined; // most rules find nothing to ask about
  const results = new Set(outputs);
  const around: Surroundings = {
    users(value) {
      known ??= usersOf(live);
      return known.get(value) ?? [];
    },
    uses: (value) => around.users(value).length + Number(results.has(value)),
    user: (value) => (around.uses(value) === 1 ? around.users(value)[0] : undefined),
  };
  return { live, around };
}

function usersOf(live: readonly Value[]): Map<Value, Value[]> {
  const users = new Map<Value, Value[]>();
  for (const value of live) {
    for (const input of value.inputs) {
      const known = users.get(input);
      if (known) known.push(value);
      else users.set(input, [value]);
    }
  }
  return users;
}

/** The outputs with some values replaced, everywhere. */
function renew(graph: Graph, outputs: readonly Value[], replaced: ReadonlyMap<Value, Value>): Value[] {
  // A replacement is made of old values, which may be replaced themselves.
  const replacement = (value: Value) => replaced.get(value) ?? value;
  const roots = outputs.map(replacement);
  const inputsOf = ({ inputs }: Value) =>
    inputs.some((input) => replaced.has(input)) ? inputs.map(replacement) : inputs;
  /** What is made of others than before. */
  const changed = new Map<Value, Value>();
  const renewed = (value: Value) => changed.get(value) ?? value;
  for (const value of liveValues(roots, inputsOf)) {
    const inputs = inputsOf(value);
    if (inputs !== value.inputs || inputs.some((input) => changed.has(input)))
      changed.set(value, graph.again(value, inputs.map(renewed)));
  }
  return roots.map(renewed);
}
