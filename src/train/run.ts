import type { ParamTensors } from "../params.ts";

/** What is known after an epoch. Losses are means over the epoch's batches. */
export type EpochRecord = {
  /** Counted from 1. */
  epoch: number;
  /** Steps taken so far; for L-BFGS, evaluations of the loss and its gradient. */
  step: number;
  loss: number;
  validationLoss?: number;
  learningRate?: number;
  /** Seconds since training began. */
  seconds: number;
};

/** Why training ended. */
export type StopReason = "completed" | "converged" | "early stopping" | "interrupted" | "time budget" | "callback";

/** The running training, as callbacks see it. */
export interface Run {
  readonly epochs: number;
  /** True when records will have a validation loss, though perhaps not every one. */
  readonly validates: boolean;
  /** Ends training after this epoch. */
  stop(reason?: StopReason): void;
  /** A copy of the parameters as they are now. */
  params(): Promise<ParamTensors>;
  /** The parameters that training will return, instead of the last ones. */
  keep(params: ParamTensors): void;
}

/** Called by `fit` and `minimize`; a callback may be asynchronous. */
export interface Callback {
  onEpoch?(record: EpochRecord, run: Run): void | Promise<void>;
  /** After the last epoch. */
  onEnd?(reason: StopReason): void | Promise<void>;
}
