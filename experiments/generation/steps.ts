import type { ParamTensors } from "../../src/params.ts";
import { type Tensor, takeRows } from "../../src/tensor.ts";
import { type EpochRecord, type MinimizeResult, minimize, type Objective } from "../../src/train/index.ts";
import type { Trial } from "../shared/experiment.ts";
import { firstOrder } from "../shared/optimizer.ts";
import { median } from "../shared/statistics.ts";

/** Images per step. */
const BATCH = 100;
/** Every image is seen at least so often: a short training takes fewer images. */
const EPOCHS = 10;

/** How many images a training of so many steps takes. */
export const rowsFor = (steps: number, available: number): number =>
  Math.max(BATCH, Math.min(available, Math.round((steps * BATCH) / EPOCHS)));

const epochsOf = (steps: number, rows: number): number => Math.max(2, Math.round((steps * BATCH) / rows));

/** Trains an objective on images x for a trial's steps, as all models here. */
export const trainOnImages = (
  objective: Objective,
  start: ParamTensors,
  x: Tensor,
  { setting, steps, seed }: Trial,
): Promise<MinimizeResult> =>
  minimize(
    objective,
    start,
    { x },
    {
      optimizer: firstOrder(setting, () => false), // steps of one length: on pixels longer ones were worse
      epochs: epochsOf(steps, x.shape[0]),
      batchSize: BATCH,
      seed,
      progress: false,
    },
  );

/** Median over the epochs, without the first, which compiles. */
export const millisecondsPerStep = (history: readonly EpochRecord[]): number =>
  median(
    history.slice(1).map(({ step, seconds }, i) => (1000 * (seconds - history[i].seconds)) / (step - history[i].step)),
  );

/** Trials of so few steps only time them: of what they make, little is looked at. */
const TIMED = 32;
export const rowsTested = (steps: number, available: number): number =>
  steps <= TIMED ? Math.min(200, available) : available;

/** The first rows of a tensor. */
export const firstRows = (t: Tensor, count: number): Tensor =>
  takeRows(
    t,
    Array.from({ length: count }, (_, i) => i),
  );
