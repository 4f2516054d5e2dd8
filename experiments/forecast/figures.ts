import { windows } from "../../src/data/index.ts";
import { describeComponents } from "../../src/nn/components.ts";
import { lines, type ReportSection } from "../../src/plot/index.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";
import { predict } from "../../src/train/index.ts";
import type { Plan, Run } from "../shared/experiment.ts";
import { type Pair, pairedSection } from "../shared/paired.ts";
import { walk } from "../shared/walk.ts";
import { readSplits } from "./data.ts";
import { horizonOf } from "./experiment.ts";
import { type Kernel, kernelSection, mixtureKernel, weightStrength } from "./kernels.ts";
import { models } from "./models.ts";

const PAIRS: Pair[] = [
  ["GMNM-LSTM over time 96", "LSTM 96"],
  ["GMNM-LSTM over time 96", "LSTM attention 96"],
  ["GMNM-LSTM over time 96", "LSTM weights over time 96"],
  ["GMNM-LSTM cell 96", "LSTM 96"],
  ["GMNM-LSTM between 96", "LSTM 96"],
  ["GMNM-LSTM head 96", "LSTM 96"],
  ["GMNM forecaster 336", "NLinear 336"],
];
/** Hours of the past that are drawn before a forecast. */
const PAST = 48;
/** Components that are drawn, the most active ones. */
const SHOWN = 6;
/** Test windows on which activations are measured. */
const WINDOWS = 100;

/** Paired differences, forecasts of one test window beside the truth, and what the mixture of the GMNM forecaster has learnt. */
export async function forecastFigures(runs: readonly Run[], plan: Plan): Promise<ReportSection[]> {
  const [task] = plan.tasks;
  const shown = runs.filter(
    ({ trial, outcome }) => trial.task === task && trial.seed === 0 && Number.isFinite(outcome.test),
  );
  if (shown.length === 0) return [];
  return [
    pairedSection(runs, plan, PAIRS),
    await forecasts(task, shown),
    ...kernelsOf(shown),
    ...shown.filter(({ trial }) => trial.model === "GMNM forecaster 336").map(componentsOf),
  ];
}

/** The test part from the first row all models can forecast from. */
function testWindow({ trial }: Run): { x: Tensor; y: Tensor } {
  const { lookback } = models[trial.model];
  const { test } = readSplits(dataOf(trial), lookback);
  const cut = windows(test, { lookback, horizon: horizonOf(trial.task) });
  return cut.take([Math.floor(cut.rows / 3)]);
}

const dataOf = ({ task, data }: Run["trial"]): string | undefined => (task.startsWith("generated") ? undefined : data);

const modelOf = ({ trial, outcome }: Run) => {
  const columns = readSplits(dataOf(trial), models[trial.model].lookback).train.columns.length;
  return { layer: models[trial.model].build(columns, horizonOf(trial.task), trial.size), params: outcome.params };
};

/** The last column (of ETTh1 the oil temperature), its forecasts, and their errors. */
async function forecasts(task: string, shown: readonly Run[]): Promise<ReportSection> {
  const horizon = horizonOf(task);
  const last = ({ data, shape: [, rows, columns] }: Tensor): number[] =>
    Array.from({ length: rows }, (_, t) => data[t * columns + columns - 1]);
  const { x, y } = testWindow(shown[0]);
  const truth = last(y);
  const ahead = truth.map((_, t) => t + 1);
  const made = await Promise.all(
    shown.map(async (run) => ({ label: run.trial.model, y: last(await predict(modelOf(run), testWindow(run).x)) })),
  );
  const past = last(x).slice(-PAST);
  const before = past.map((_, t) => t + 1 - past.length);
  const curves = made.map(({ label, y }) => ({ label, x: ahead, y }));
  return {
    heading: `Forecasts, ${task}`,
    figures: curves.map((curve) => ({
      svg: lines(
        [
          { label: "truth", x: [...before, ...ahead], y: [...past, ...truth] },
          { ...curve, label: curve.label },
          { label: "error", x: ahead, y: curve.y.map((value, t) => value - truth[t]) },
        ],
        { xLabel: "hours from the last one seen", yLabel: "scaled" },
      ),
      caption: `${curve.label}: the last column of one test window, ${horizon} hours ahead, its forecast, and the error. First seed.`,
    })),
  };
}

/** What the LSTMs that read all their states read of each hour. */
function kernelsOf(shown: readonly Run[]): ReportSection[] {
  const kernels = shown.flatMap((run): Kernel[] => {
    const label = run.trial.model;
    const { layer, params } = modelOf(run);
    return walk(layer.config, params, testWindow(run).x).flatMap(({ config, params, input }): Kernel[] => {
      const [, times] = input.shape;
      if (config.type === "mixtureOverTime") return [mixtureKernel(label, params as Record<string, Tensor>, times)];
      if (config.type !== "sum") return [];
      const [, weighted] = params as readonly Record<string, Tensor>[];
      return [{ label, strength: weightStrength(weighted.weights) }];
    });
  });
  return kernels.length > 0 ? [kernelSection(kernels)] : [];
}

/** The forecaster's mixture: what each of its Gaussians sees and adds, and how many take no part. */
function componentsOf(run: Run): ReportSection {
  const { layer, params } = modelOf(run);
  const { lookback } = models[run.trial.model];
  const cut = windows(readSplits(dataOf(run.trial), lookback).test, { lookback, horizon: horizonOf(run.trial.task) });
  const { x } = cut.take(Uint32Array.from({ length: WINDOWS }, (_, i) => Math.floor((i * cut.rows) / WINDOWS)));
  const [mixture] = walk(layer.config, params, x).filter(({ config }) => config.type === "gmnm");
  const rows = tensor(mixture.input.data, [mixture.input.data.length / lookback, lookback]); // columns by themselves
  const components = describeComponents(mixture.config, mixture.params, rows);
  const dead = components.filter((component) => component.dead).length;
  const strength = ({ weight, meanActivation = 0 }: (typeof components)[number]) =>
    meanActivation * Math.sqrt(weight.reduce((sum, value) => sum + value * value, 0) / weight.length);
  const active = [...components].sort((a, b) => strength(b) - strength(a)).slice(0, SHOWN);
  const drawn = (of: (component: (typeof components)[number]) => number[], from: number) =>
    active.map((component, k) => {
      const y = of(component);
      return { label: String(k + 1), x: y.map((_, i) => i + from), y };
    });
  return {
    heading: "Components of the GMNM forecaster",
    text: `Dead Gaussians, which no test window activates by more than a thousandth: ${dead} of ${components.length}. Shown are the ${active.length} that matter most, by the size of their weights times their mean activation.`,
    figures: [
      {
        svg: lines(
          drawn(({ center }) => center, 1 - lookback),
          { xLabel: "hours before the last one seen", yLabel: "centre" },
        ),
        caption: "Centres: the pasts, relative to their last value, around which each Gaussian is active.",
      },
      {
        svg: lines(
          drawn(({ weight }) => weight, 1),
          { xLabel: "hours ahead", yLabel: "weight" },
        ),
        caption: "Weights: what each Gaussian adds to the forecast where it is fully active.",
      },
    ],
  };
}
