import { adam } from "../optim/adam.ts";
import { relativeOver } from "../optim/scale-by-size.ts";
import { cosine } from "../optim/schedules.ts";
import type { Optimizer } from "../optim/transform.ts";

/**
 * What trains where nobody says what: Adam with β₂ = 0.99 and a cosine schedule from 0.03, which suits small models on few thousand rows; over
 * coordinates narrow Gaussians take longer steps. Our choice.
 */
export const defaultOptimizer = (features = 0): Optimizer =>
  adam({ learningRate: cosine(0.03), beta2: 0.99, relative: relativeOver(features) });
