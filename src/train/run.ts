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
export type StopReason = (typeof STOP_REASONS)[number];

export const STOP_REASONS = [
  "completed",
  "converged",
  "early stopping",
  "interrupted",
  "time budget",
  "callback",
] as const;

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

/**
 * Called by `fit` and `minimize`; a callback may be asynchronous. One that remembers something from epoch to epoch which changes the
 * result says so with `state` and takes it back with `restore`, so that a training that was killed can go on.
 */
export interface Callback {
  onEpoch?(record: EpochRecord, run: Run): void | Promise<void>;
  /** After the last epoch. */
  onEnd?(reason: StopReason): void | Promise<void>;
  /** What it remembers after an epoch: anything that JSON holds. */
  state?(): unknown;
  /** Takes back what `state` gave, before the next epoch. It comes from a file: check it. */
  restore?(state: unknown): void;
}
