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
  const users = new Map<Value, Value[]>();
  for (const value of live) {
    for (const input of value.inputs) {
      const known = users.get(input);
      if (known) known.push(value);
      else users.set(input, [value]);
    }
  }
  const results = new Set(outputs);
  const around: Surroundings = {
    users: (value) => users.get(value) ?? [],
    uses: (value) => around.users(value).length + Number(results.has(value)),
    user: (value) => (around.uses(value) === 1 ? around.users(value)[0] : undefined),
  };
  return { live, around };
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
