import { adamw, cosine, isProjection, type Lbfgs, lbfgs, type Optimizer } from "../../src/optim/index.ts";
import type { EpochRecord } from "../../src/train/index.ts";
import type { Setting } from "./experiment.ts";
import { median } from "./statistics.ts";

/**
 * Adam with a cosine schedule for every model. β₂ = 0.99: gradients of a full batch have no noise to average away, and all models, the
 * baselines too, end lower than with 0.999. Narrow Gaussians take longer steps (docs/method.md)
 * unless `relative` is another.
 */
export const firstOrder = ({ learningRate, weightDecay = 0 }: Setting, relative = isProjection): Optimizer =>
  adamw({ learningRate: cosine(learningRate), beta2: 0.99, weightDecay, relative });

export const secondOrder = (): Lbfgs => lbfgs({ memory: 50 });

/** Median milliseconds from one epoch to the next, without the first few, which compile. */
export function msPerStep(history: readonly EpochRecord[]): number {
  const gaps = history.slice(1).map(({ seconds }, i) => 1000 * (seconds - history[i].seconds));
  return median(gaps.length > 10 ? gaps.slice(5) : gaps);
}

/** The loss by step, thinned to at most 200 points. */
export function curveOf(history: readonly EpochRecord[]): { x: number[]; y: number[] } {
  const every = Math.max(1, Math.ceil(history.length / 200));
  const shown = history.filter((_, i) => i % every === 0 || i === history.length - 1);
  return { x: shown.map(({ step }) => step), y: shown.map(({ loss }) => loss) };
}
