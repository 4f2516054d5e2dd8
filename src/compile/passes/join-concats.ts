import type { Graph, Value } from "../graph.ts";
import type { Surroundings } from "./rewrite.ts";

/**
 * Pieces joined and joined again are joined at once. jax-js joins at most eight at a time, so that many pieces, as the gradients of all steps of a
 * recurrent layer, were copied once for every seven that followed.
 */
export function joinConcats(graph: Graph, value: Value, around: Surroundings): Value | undefined {
  if (!joins(value)) return undefined;
  // The outermost takes all; those inside go with it.
  const user = around.user(value);
  if (user && joins(user) && user.attributes.axis === value.attributes.axis) return undefined;
  const pieces = piecesOf(value, value.attributes.axis, around);
  if (pieces.length === value.inputs.length) return undefined;
  return graph.node("Concat", pieces, value.shape, value.dtype, value.attributes);
}

const joins = ({ op }: Value): boolean => op === "Concat";

/** What a value is joined of, in order, where the joined values serve nothing else. */
function piecesOf(value: Value, axis: Value["attributes"][string], around: Surroundings): Value[] {
  const pieces: Value[] = [];
  const stack = value.inputs.toReversed();
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (joins(next) && next.attributes.axis === axis && around.uses(next) === 1)
      stack.push(...next.inputs.toReversed());
    else pieces.push(next);
  }
  return pieces;
}
