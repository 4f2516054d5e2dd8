import { type numpy as np, valueAndGrad } from "@jax-js/jax";
import { compileFunction } from "../compile/compile.ts";
import type { Executor } from "../compile/executor.ts";
import { GmnmError } from "../errors.ts";
import type { Params } from "../nn/layer.ts";
import { namedTensors, type ParamTensors, partition } from "../params.ts";
import type { Tensors } from "./batches.ts";
import type { Objective } from "./minimize.ts";

/** Training came to a loss or a gradient that is not finite. Nothing is lost: the parameters are those of the last good step. */
export class NonFiniteError extends GmnmError {
  override name = "NonFiniteError";
  /** The parameters before the step that failed, as in a model. */
  readonly params: ParamTensors;

  constructor(sentence: string, params: ParamTensors) {
    super(sentence);
    this.params = params;
  }
}

/** Says which gradients are not finite at these parameters: one clause for a message. */
export async function describeNonFinite(
  objective: Objective,
  params: ParamTensors,
  data: Tensors,
  loss: number,
  executor?: Executor,
): Promise<string> {
  const gradients = await compileFunction(
    (p: Params, batch: Record<string, np.Array>) => {
      const { trainable, buffers, combine } = partition(p);
      const lossOf = (t: Record<string, np.Array>) => objective(combine(t, buffers), batch, {});
      return valueAndGrad(lossOf)(trainable)[1] as Params;
    },
    { executor },
  );
  const found = namedTensors(await gradients(params, data)).flatMap(([path, { data: values }]) => {
    const bad = values.reduce((sum, value) => sum + Number(!Number.isFinite(value)), 0);
    return bad > 0 ? [`${bad} of the ${values.length} gradients of "${path}" not finite`] : [];
  });
  gradients.dispose();
  if (found.length > 0) return found.join(", ");
  return Number.isFinite(loss) ? "every gradient finite but their norm too large for float32" : "every gradient finite";
}
