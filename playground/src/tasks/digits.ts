// Digits drawn by code, to be told apart; the user draws others by hand.
import { glyphImages, imagesToTensors, type Tensor } from "../gmnm.ts";
import type { State } from "../state/state.ts";
import type { Problem } from "./problem.ts";

/** Pixels along each side of an image. */
export const DIGIT_SIDE = 14;
const [TRAIN, TEST] = [2000, 500];
const BATCH = 100;

/** Images as rows of pixels around 0. */
function rows(count: number, seed: number, noise: number): { x: Tensor; y: Tensor } {
  const { x, y } = imagesToTensors(glyphImages({ count, seed, size: DIGIT_SIDE, noise }));
  return { x: { data: centred(x.data), shape: [count, DIGIT_SIDE * DIGIT_SIDE] }, y };
}

/** Pixels 0 … 1 as models see them. */
export const centred = (pixels: Float32Array): Float32Array<ArrayBuffer> =>
  Float32Array.from(pixels, (value) => 2 * (value - 0.2));

export function digitsProblem(state: State): Problem {
  const train = rows(TRAIN, 2 * state.seed, state.noise);
  return {
    inFeatures: DIGIT_SIDE * DIGIT_SIDE,
    outFeatures: 10,
    loss: "crossEntropy",
    data: train,
    sample: train.x,
    batchSize: BATCH,
    test: rows(TEST, 2 * state.seed + 1, state.noise),
    view: { kind: "digits", classes: Array.from({ length: 10 }, (_, i) => String(i)), side: DIGIT_SIDE },
  };
}
