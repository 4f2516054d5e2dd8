import { DEAD } from "../../src/nn/components.ts";
import { lines, type ReportSection } from "../../src/plot/index.ts";
import type { Tensor } from "../../src/tensor.ts";

/** How strongly a forecaster reads the states of the hours before, and what it says of its Gaussians. */
export type Kernel = { label: string; strength: number[]; remark?: string };

/** The kernel of `mixtureOverTime`: root mean square over the features at each of so many times, the oldest first. */
export function mixtureKernel(label: string, params: Record<string, Tensor>, times: number): Kernel {
  const { centers, scales, weights } = params;
  const [m, features] = weights.shape;
  const range = (length: number) => Array.from({ length }, (_, i) => i);
  /** Activation of every window at every time. */
  const active = range(times).map((t) => {
    const at = (m * (t + 0.5)) / times;
    return range(m).map((k) => Math.exp(-0.5 * (scales.data[k] * (at - centers.data[k])) ** 2));
  });
  const strength = active.map((f) => {
    const kernel = range(features).map((j) =>
      f.reduce((sum, value, k) => sum + value * weights.data[k * features + j], 0),
    );
    return rootMeanSquare(kernel);
  });
  const dead = range(m).filter((k) => active.every((f) => f[k] < DEAD)).length;
  return { label, strength, remark: `Dead Gaussians of ${label}, active at no time: ${dead} of ${m}.` };
}

/** The same of one weight for each time and feature, (features, times, 1). */
export function weightStrength({ data, shape: [features, times] }: Tensor): number[] {
  const at = (t: number) => Array.from({ length: features }, (_, j) => data[j * times + t]);
  return Array.from({ length: times }, (_, t) => rootMeanSquare(at(t)));
}

const rootMeanSquare = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);

/** The kernels over time, beside each other. */
export const kernelSection = (kernels: readonly Kernel[]): ReportSection => ({
  heading: "What is read of the hours before",
  text: [
    "The weight of the state of each hour, root mean square over the features; the last state is added by itself.",
    ...kernels.flatMap(({ remark }) => remark ?? []),
  ].join(" "),
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
