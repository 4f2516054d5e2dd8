import { describeComponents } from "../../src/nn/components.ts";
import { attentionMap } from "../../src/nn/index.ts";
import { heatmap, lossCurves, type ReportSection, row } from "../../src/plot/index.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";
import type { Plan, Run } from "../shared/experiment.ts";
import { type Pair, pairedSection } from "../shared/paired.ts";
import { walk } from "../shared/walk.ts";
import { isImages, readParts } from "./data.ts";
import { modelFor } from "./models.ts";

const PAIRS: Pair[] = [
  ["Gaussian + GELU", "softmax + GELU"],
  ["softmax + GMNM", "softmax + GELU"],
  ["Gaussian + GMNM", "softmax + GELU"],
];

/** Paired differences, what the heads of the trained models attend to, dead Gaussians, and the training losses. */
export async function attentionFigures(runs: readonly Run[], plan: Plan): Promise<ReportSection[]> {
  const finite = runs.filter(({ outcome }) => Number.isFinite(outcome.test));
  if (finite.length === 0) return [];
  const sections = plan.tasks.flatMap((task): ReportSection[] => {
    const shown = finite.filter(({ trial }) => trial.task === task && trial.seed === 0);
    if (shown.length === 0) return [];
    const curves = shown.map(({ trial, outcome }) => ({ label: trial.model, ...outcome.curve }));
    const losses = {
      svg: lossCurves(curves, { title: "Training loss", xLabel: "step" }),
      caption: "Mean over each epoch. First seed.",
    };
    return [
      {
        heading: task,
        text: shown.map(deadIn).filter(Boolean).join(" "),
        // One epoch, as with --quick, is a point and no curve.
        figures: [...shown.map(maps), ...(curves.some(({ x }) => x.length > 1) ? [losses] : [])],
      },
    ];
  });
  return [pairedSection(finite, plan, PAIRS), ...sections];
}

/** What one head after the other takes for a test example, in the first block and in the second. */
function maps(run: Run): { svg: string; caption: string } {
  const { trial } = run;
  const { x } = readParts(trial.task, trial.data).test.take([0]);
  const drawn = layersOf(run, x).flatMap(({ config, params, input }) => {
    if (!String(config.type).endsWith("ttention")) return [];
    const shares = attentionMap(config, params, input);
    const [, heads, tokens] = shares.shape;
    return Array.from({ length: heads }, (_, head) => {
      const own = shares.data.subarray(head * tokens * tokens, (head + 1) * tokens * tokens);
      if (!isImages(trial.task)) return heatmap(tensor(own, [tokens, tokens]), { width: 120 });
      // What all patches together take of each patch, where it lies in the image.
      const side = Math.sqrt(tokens);
      const taken = Array.from({ length: tokens }, (_, j) =>
        own.filter((_, at) => at % tokens === j).reduce((a, b) => a + b),
      );
      return heatmap(tensor(taken, [side, side]), { width: 120 });
    });
  });
  // The image itself stands first.
  if (isImages(trial.task)) drawn.unshift(heatmap(tensor(x.data, x.shape.slice(1, 3)), { width: 120 }));
  const caption = isImages(trial.task)
    ? "a test image, and how much all its patches together take of each patch"
    : "how much each day (row) of a test window takes of each day (column)";
  return {
    svg: row(drawn, 2),
    caption: `${trial.model}: ${caption}, by the four heads of the first block, then of the second; brighter is more. First seed.`,
  };
}

/** How many Gaussians of a feed-forward mixture are dead. */
function deadIn(run: Run): string {
  const { x } = readParts(run.trial.task, run.trial.data).test.take(Uint32Array.from({ length: 20 }, (_, i) => i));
  const counts = layersOf(run, x).flatMap(({ config, params, input }) => {
    if (config.type !== "gmnm") return [];
    const features = input.shape[input.shape.length - 1];
    const rows = tensor(input.data, [input.data.length / features, features]);
    const components = describeComponents(config, params, rows);
    return [`${components.filter(({ dead }) => dead).length} of ${components.length}`];
  });
  return counts.length ? `${run.trial.model}: ${counts.join(" and ")} Gaussians of its blocks are dead.` : "";
}

/** Every layer of a trained model, with what it gets when the model sees x. */
const layersOf = ({ trial, outcome }: Run, x: Tensor) =>
  walk(modelFor(trial.task, trial.model, trial.size).config, outcome.params, x);
