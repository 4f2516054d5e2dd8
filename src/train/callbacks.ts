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
  };
}

/** Ends training once so many seconds have passed. */
export const timeBudget = (seconds: number): Callback => ({
  onEpoch(record, run) {
    if (record.seconds >= seconds) run.stop("time budget");
  },
});
