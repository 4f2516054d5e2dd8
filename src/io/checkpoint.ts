import * as v from "valibot";
import { GmnmError } from "../errors.ts";
import type { AnyLayer } from "../nn/layer.ts";
import type { Callback } from "../train/run.ts";
import { save } from "./file.ts";

/** Options of {@link checkpoint}. */
export type CheckpointOptions = {
  /** Epochs from one save to the next; with `best`, from one comparison to the next. Default 1. */
  every?: number;
  /** Saves only when the validation loss is lower than at every save before, or the training loss without validation. Default false. */
  best?: boolean;
};

/** What is remembered, as JSON; the lowest loss as text, for it may be infinite. */
const State = v.object({
  lowest: v.pipe(v.string(), v.transform(Number), v.number()),
  next: v.pipe(v.number(), v.safeInteger()),
});

/**
 * Saves the model while it trains. Whenever training is killed, the file holds a whole model.
 *
 * @param layer the layer that is trained.
 * @example
 * ```ts
 * await fit(layer, { x, y }, { callbacks: [checkpoint(layer, "model.safetensors", { every: 50 })] });
 * ```
 * @throws GmnmError, which ends the training, when the file cannot be written.
 */
export function checkpoint(layer: AnyLayer, path: string, options: CheckpointOptions = {}): Callback {
  const { every = 1, best = false } = options;
  if (!(Number.isSafeInteger(every) && every >= 1)) {
    throw new GmnmError(`every must be a whole number of epochs above 0, got ${every}`);
  }
  let lowest = Infinity;
  let next = every;
  return {
    async onEpoch(record, run) {
      if (record.epoch === 1) [lowest, next] = [Infinity, every]; // a training anew
      const loss = run.validates ? record.validationLoss : record.loss;
      // Validation may run only every few epochs.
      if (record.epoch < next || (best && loss === undefined)) return;
      next = record.epoch + every;
      if (best && !(loss! < lowest)) return;
      lowest = loss ?? lowest;
      await save({ layer, params: await run.params() }, path);
    },
    state: () => ({ lowest: String(lowest), next }),
    restore(state) {
      const { success, output } = v.safeParse(State, state);
      if (!success) throw new GmnmError("it is not a state of checkpoints");
      ({ lowest, next } = output);
    },
  };
}
