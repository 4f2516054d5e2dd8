// jax-js differentiates by wrapping arrays in tracers, a layer for each derivative. It exports no types for them: what is read of them is typed here,
// and test/nn/tracers.test.ts fails when an upgrade changes it.
import { numpy as np } from "@jax-js/jax";

type Tracer = {
  /** Who traces. */
  readonly _trace: { readonly main: object };
  /** Of what is differentiated: what it is without. */
  readonly primal?: Tracer;
  /** Of what stands for many: all of them. */
  readonly val?: Tracer;
  /** Of what is evaluated as far as it is known: what is known. */
  readonly pval?: { readonly val: Tracer | null };
};

/** How many derivatives are taken of an array, and who traces it below them: undefined for numbers that are known. */
export type Layers = { derivatives: number; traced: object | undefined };

/** Undefined for an array that a derivative does not know yet. */
export function layersOf(array: np.Array): Layers | undefined {
  let derivatives = 0;
  let tracer = array as unknown as Tracer;
  while (!(tracer instanceof np.Array)) {
    const { primal, val, pval } = tracer;
    const next = primal ?? val ?? (pval ? pval.val : undefined);
    if (next === null) return undefined;
    if (next === undefined) return { derivatives, traced: tracer._trace.main };
    if (primal) derivatives++;
    tracer = next;
  }
  return { derivatives, traced: undefined };
}
