// What the page and the worker say to each other.
import type { Choice, TableSummary } from "../csv/table.ts";
import type { Preprocessing } from "../gmnm.ts";
import type { Edit } from "../models/edit.ts";
import type { State } from "../state/state.ts";
import type { View } from "../tasks/problem.ts";

/** Numbers per component in {@link ModelFrame.components}. */
export const COMPONENT_STRIDE = 9;
/** One Gaussian of two or of one number, as it lies in the array: centre, precision, weight, share, whether it is dead. */
export type ComponentView = {
  center: readonly [x: number, y: number];
  precision: readonly [xx: number, xy: number, yy: number];
  weight: number;
  /** Of all that the components add up to, 0 … 1. */
  share: number;
  meanActivation: number;
  dead: boolean;
};

const progressNames = ["steps", "losses", "errorSteps", "errors", "errorSeconds"] as const;
/** Points of curves: steps, and what was measured at them; seconds are those of the model's own training. */
export type Progress = Record<(typeof progressNames)[number], number[]>;
export const noProgress = (): Progress => ({ steps: [], losses: [], errorSteps: [], errors: [], errorSeconds: [] });

/** Adds what is new to what there was; false where nothing is new. */
export function addProgress(to: Progress, more: Progress): boolean {
  for (const name of progressNames) to[name].push(...more[name]);
  return progressNames.some((name) => more[name].length > 0);
}

/** A model as it is now. */
export type ModelFrame = {
  parameters: number;
  loss: number;
  /** Relative RMSE, for classes the share that is wrong, on rows that are not trained on. */
  error: number;
  /** Seconds spent in its own steps. */
  seconds: number;
  stepsPerSecond: number;
  /** A sentence, when it cannot go on. */
  trouble?: string;
  converged: boolean;
  /** Predictions on the view's grid, of two classes the difference of their logits; or those for held-out rows. */
  field?: Float32Array;
  components?: Float32Array;
  /** Distance to the nearest Gaussian, in its widths, on a grid of {@link NOVELTY_SIDE}. */
  novelty?: Float32Array;
  /** Curves of what is learnt inside: activations of units, or splines of edges. */
  inside?: { title: string; low: number; high: number; curves: Float32Array[] };
  /** Of a model of images, what its strongest Gaussians look at: −1 … 1. */
  pictures?: { title: string; images: Float32Array[] };
  /** Since the last frame. */
  progress: Progress;
};

export const NOVELTY_SIDE = 33;

export type Frame = { run: number; step: number; playing: boolean; models: ModelFrame[] };

/** What setting up gives: what there is to see, and the models before the first step. */
export type SetUp = {
  run: number;
  view: View;
  inFeatures: number;
  outFeatures: number;
  note?: string;
  /** Of the data, a sentence each. */
  notes: readonly string[];
};

/** What may change without starting anew. */
export const tuningNames = ["speed", "learningRate", "decay", "until", "novelty"] as const;
export type Tuning = Pick<State, (typeof tuningNames)[number]>;

/** A reply that may be a sentence for the user instead. */
export type Reply<T> = { value: T; refusal?: undefined } | { refusal: string; value?: undefined };

/** The worker, as the page sees it. */
export interface Engine {
  /** Makes the task and its models; a running training ends. The frames that follow carry the run's number. */
  setUp(state: State, choice?: Choice): Promise<Reply<SetUp>>;
  onFrame(show: (frame: Frame) => Promise<void>): void;
  tune(tuning: Tuning): void;
  play(): void;
  pause(): void;
  step(): Promise<void>;
  /** While a component is held, nothing is trained. */
  hold(held: boolean): void;
  edit(model: number, component: number, edit: Edit): Promise<void>;
  save(model: number, format: "safetensors" | "onnx"): Promise<Reply<Uint8Array<ArrayBuffer>>>;
  /** Puts a model of a file in the place of one of the page's. */
  open(model: number, name: string, bytes: Uint8Array): Promise<Reply<void>>;
  /** Takes in a CSV file, in the place of the last, and says what can be learnt of it. */
  readTable(name: string, bytes: Uint8Array): Promise<Reply<{ summary: TableSummary; choice: Choice }>>;
  readPreprocessing(name: string, bytes: Uint8Array): Promise<Reply<Preprocessing>>;
  /** What every model says of an image, as probabilities. */
  classify(pixels: Float32Array): Promise<number[][]>;
  hasWebGpu(): Promise<boolean>;
}

/** The components out of the array that holds them; none without. */
export const componentsOf = (packed: Float32Array | undefined): ComponentView[] =>
  Array.from({ length: (packed?.length ?? 0) / COMPONENT_STRIDE }, (_, k) => componentAt(packed!, k));

/** A component out of the array that holds all. */
export function componentAt(packed: Float32Array, k: number): ComponentView {
  const at = (i: number) => packed[k * COMPONENT_STRIDE + i];
  return {
    center: [at(0), at(1)],
    precision: [at(2), at(3), at(4)],
    weight: at(5),
    share: at(6),
    meanActivation: at(7),
    dead: at(8) > 0,
  };
}
