// jax-js exports neither Var nor Lit nor the equation of a jaxpr: what the compiler reads of them is typed here, and
// test/compile/jaxpr.test.ts fails when an upgrade changes it.
import { makeJaxpr, type numpy as np, tree } from "@jax-js/jax";
import type { Params } from "../nn/layer.ts";
import type { Dtype } from "./graph.ts";

/** Shape and element type of an array. */
export interface Aval {
  readonly shape: number[];
  readonly dtype: Dtype;
  /** Of a plain number: an array beside it decides the element type. */
  readonly weakType: boolean;
}

/** A variable of a jaxpr, or, with a `value`, a scalar literal. */
export interface Atom {
  readonly aval: Aval;
  readonly value?: number;
}

/** One primitive applied. */
export interface Equation {
  readonly primitive: string;
  readonly inputs: readonly Atom[];
  // biome-ignore lint/suspicious/noExplicitAny: each primitive has parameters of its own, read by its rule alone.
  readonly params: any;
  readonly outBinders: readonly Atom[];
}

/** A traced function: a straight list of equations. */
export interface Jaxpr {
  readonly inBinders: readonly Atom[];
  readonly eqns: readonly Equation[];
  readonly outs: readonly Atom[];
}

/** A traced function of trees, with the arrays it closes over. */
export interface Trace {
  readonly jaxpr: Jaxpr;
  /** Values of the first inputs of the jaxpr; the rest are the leaves of the arguments. */
  readonly constants: readonly np.Array[];
  /** Puts results back into the form that the function returned. */
  unflatten<T>(leaves: readonly T[]): unknown;
  dispose(): void;
}

/** Traces a pure function for the shapes of its arguments, which it does not consume. */
export function trace(fn: (...args: never[]) => unknown, args: readonly Params[]): Trace {
  const { jaxpr, treedef } = makeJaxpr(fn as (...args: Params[]) => Params)(...args);
  const flat = jaxpr.jaxpr.flatten().simplify();
  return {
    // Seen through the structural types above, which stand for what jax-js does not export.
    jaxpr: flat as unknown as Jaxpr,
    constants: jaxpr.consts as unknown as np.Array[],
    // A treedef has the right form for whatever leaves it is given; jax-js types it for arrays.
    unflatten: (leaves) => tree.unflatten(treedef, leaves as never),
    dispose: () => jaxpr.dispose(),
  };
}
