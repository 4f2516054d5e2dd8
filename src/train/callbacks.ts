import * as v from "valibot";
import { GmnmError } from "../errors.ts";
import type { Callback } from "./run.ts";

/** Options of {@link earlyStopping}. */
export type EarlyStoppingOptions = {
  /** Epochs without improvement before training ends. Default 20. */
  patience?: number;
  /** The quantity that should fall. Default "validationLoss". */
  monitor?: "validationLoss" | "loss";
  /** How much it must fall to count. Default 0. */
  minDelta?: number;
};

/**
 * Ends training when the validation loss has stopped falling, and returns the parameters of the best epoch.
 *
 * @example
 * ```ts
 * const { model } = await fit(layer, { x, y }, { validation: 0.2, callbacks: [earlyStopping({ patience: 30 })] });
 * ```
 * @throws GmnmError in the first epoch when there is nothing to monitor.
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): Callback {
  const { patience = 20, monitor = "validationLoss", minDelta = 0 } = options;
  let best = Infinity;
  let bestEpoch = 0;
  // Options too, for with others it would be another training; the best as text, for it may be infinite.
  const State = v.object({
    patience: v.literal(patience),
    monitor: v.literal(monitor),
    minDelta: v.literal(minDelta),
    best: v.pipe(v.string(), v.transform(Number), v.number()),
    bestEpoch: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  });
  return {
    async onEpoch(record, run) {
      if (record.epoch === 1) {
        if (monitor === "validationLoss" && !run.validates) {
          throw new GmnmError(`early stopping has no validation loss to monitor; hold out some rows with validation`);
        }
        [best, bestEpoch] = [Infinity, 0];
      }
      const value = record[monitor];
      // Validation may run only every few epochs.
      if (value === undefined) return;
      if (value < best - minDelta) {
        best = value;
        bestEpoch = record.epoch;
        run.keep(await run.params());
      } else if (record.epoch - bestEpoch >= patience) run.stop("early stopping");
    },
    state: () => ({ patience, monitor, minDelta, best: String(best), bestEpoch }),
    restore(state) {
      const { success, output } = v.safeParse(State, state);
      if (!success) throw new GmnmError("it is not a state of this early stopping, or of one with other options");
      ({ best, bestEpoch } = output);
    },
  };
}

/** Ends training once so many seconds have passed. */
export const timeBudget = (seconds: number): Callback => ({
  onEpoch(record, run) {
    if (record.seconds >= seconds) run.stop("time budget");
  },
});
