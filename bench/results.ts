import { OURS } from "./executors.ts";
import { quantile } from "./statistics.ts";

export const CASES = [
  "gmnm-large",
  "gmnm-small",
  "gmnm-10k",
  "gmnm-mlp",
  "relu-mlp",
  "mlp",
  "cnn",
  "lstm",
  "attention",
  "pinn",
] as const;
export type CaseName = (typeof CASES)[number];

/** Milliseconds per training step, over blocks of steps. Of several settings, of threads or `setting`, those of the best. */
export type CaseResult = {
  case: CaseName;
  executor: string;
  threads: number;
  setting?: string;
  medianMs: number;
  p10Ms: number;
  p90Ms: number;
  runs: number;
};

/** The executor's median over the peer's: below 1 the executor is faster. The peer may be a case of the same executor. */
export type Ratio = { case: CaseName; executor: string; peer: string; ratio: number };

/** Slopes in logarithms, at the largest sizes. */
export type Growth = {
  variable: "N" | "d" | "m" | "r";
  executor: string;
  points: { value: number; medianMs: number; peakMB: number }[];
  timeSlope?: number;
  memorySlope?: number;
};

/** `ms` from parameters to the end of the first step, when the executor has started, which took `startMs`. */
export type ColdStart = { case: string; executor: string; ms: number; startMs: number };
export type LongRun = { executor: string; steps: number; rssStartMB: number; rssEndMB: number };

export type Results = {
  machine: Record<string, string | number>;
  versions: Record<string, string>;
  cases: CaseResult[];
  ratios: Ratio[];
  growth: Growth[];
  coldStart: ColdStart[];
  longRun?: LongRun;
};

/** Median, 10th and 90th percentile. */
export const summary = (times: readonly number[]) => ({
  medianMs: quantile(times, 0.5),
  p10Ms: quantile(times, 0.1),
  p90Ms: quantile(times, 0.9),
  runs: times.length,
});

/** Ours against every peer, PyTorch against our native executor, and mixtures against the ReLU network of the same size. */
export function ratiosOf(results: readonly CaseResult[]): Ratio[] {
  const isOurs = ({ executor }: CaseResult) => OURS.some((name) => name === executor);
  const ratios: Ratio[] = [];
  for (const one of results) {
    for (const other of results.filter((peer) => peer.case === one.case)) {
      const torchAgainstNative = one.executor.startsWith("torch") && other.executor === "native";
      if (torchAgainstNative || (isOurs(one) && !isOurs(other))) ratios.push(ratio(one, other, other.executor));
    }
  }
  for (const mixtures of results.filter((one) => one.case === "gmnm-mlp")) {
    const relu = results.find((one) => one.case === "relu-mlp" && one.executor === mixtures.executor);
    if (relu) ratios.push(ratio(mixtures, relu, "relu-mlp"));
  }
  return ratios;
}

const ratio = (one: CaseResult, other: CaseResult, peer: string): Ratio => ({
  case: one.case,
  executor: one.executor,
  peer,
  ratio: one.medianMs / other.medianMs,
});
