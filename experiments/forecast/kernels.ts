import { lines, type ReportSection } from "../../src/plot/index.ts";
import type { Tensor } from "../../src/tensor.ts";

/** How strongly a forecaster reads the states of the hours before. */
export type Kernel = { label: string; strength: number[] };

/** Root mean square over the features of the kernel of `mixtureOverTime` at each of so many times, the oldest first. */
export function mixtureStrength({ centers, scales, weights }: Record<string, Tensor>, times: number): number[] {
  const [m, features] = weights.shape;
  return Array.from({ length: times }, (_, t) => {
    const at = (m * (t + 0.5)) / times;
    const kernel = new Float64Array(features);
    for (let k = 0; k < m; k++) {
      const f = Math.exp(-0.5 * (scales.data[k] * (at - centers.data[k])) ** 2);
      for (let j = 0; j < features; j++) kernel[j] += f * weights.data[k * features + j];
    }
    return rootMeanSquare(kernel);
  });
}

/** The same of one weight for each time and feature, (features, times, 1). */
export function weightStrength({ data, shape: [features, times] }: Tensor): number[] {
  const at = (t: number) => Float64Array.from({ length: features }, (_, j) => data[j * times + t]);
  return Array.from({ length: times }, (_, t) => rootMeanSquare(at(t)));
}

const rootMeanSquare = (values: Float64Array): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);

/** The kernels over time, beside each other. */
export const kernelSection = (kernels: readonly Kernel[]): ReportSection => ({
  heading: "What is read of the hours before",
  text: "The weight of the state of each hour, root mean square over the features; the last state is added by itself.",
  figures: [
    {
      svg: lines(
        kernels.map(({ label, strength }) => ({
          label,
          x: strength.map((_, t) => t + 1 - strength.length),
          y: strength,
        })),
        { xLabel: "hours before the last one seen", yLabel: "weight" },
      ),
      caption: "A mixture of Gaussians of the time, and a weight for every hour. First seed.",
    },
  ],
});
