// Figures of a report on a run: what matters, and where the Gaussians lie.
import type { Model } from "../model.ts";
import { type ComponentDescription, describeComponents } from "../nn/components.ts";
import { components as drawComponents } from "../plot/components.ts";
import { lines } from "../plot/lines.ts";
import type { ReportSection } from "../plot/report.ts";
import type { Input, Preprocessing } from "../table/preprocessing.ts";
import { type Tensor, tensor } from "../tensor.ts";
import { mixturesOfFeatures } from "../train/novelty.ts";
import { type FeaturePlace, featurePlaces, rawValue } from "./features.ts";
import type { Influence } from "./influence.ts";
import { percent } from "./words.ts";

type Figure = NonNullable<ReportSection["figures"]>[number];

/** Curves of so many columns are drawn, those that matter most; and a category has so many bars. */
const MOST_CURVES = 6;
/** Gaussians beyond these, the strongest, would only cover each other. */
const MOST_DRAWN = 40;

/** Partial dependence of the columns that matter most: of numbers and dates as curves; categories stand in the table. */
export function dependenceFigures(influences: readonly Influence[], outputs: readonly string[]): Figure[] {
  return influences
    .filter(({ at, share }) => typeof at[0] === "number" && at.length > 1 && share > 0.001)
    .slice(0, MOST_CURVES)
    .map(({ input, at, mean, share }) => ({
      svg: lines(
        outputs.map((label, o) => ({ label, x: at as number[], y: mean.map((y) => y[o]) })),
        { title: input, xLabel: input, width: 340, height: 250 },
      ),
      caption: `The mean prediction when every row has this ${input}, from its 5th to its 95th percentile. Influence ${percent(share)}.`,
    }));
}

/**
 * The strongest Gaussians of all mixtures that see the features, cut along the two numeric columns that matter most: each at its own place in the
 * other columns. Nothing for a table with fewer than two such columns.
 */
export function componentFigure(
  model: Model,
  preprocessing: Preprocessing,
  influences: readonly Influence[],
  x: Tensor,
): Figure[] {
  const places = featurePlaces(preprocessing).filter(({ input }) => isLinear(input));
  const [first, second] = influences.flatMap(({ input }) => places.find((place) => place.input.name === input) ?? []);
  const described = mixturesOfFeatures(model.layer.config, model.params)
    .flatMap(({ config, params }) => describeComponents(config, params, x))
    .sort((one, other) => strength(other) - strength(one))
    .slice(0, MOST_DRAWN);
  if (!second || described.length === 0) return [];
  const [a, b] = [first, second];
  const m = described.length;
  const scaleOf = ({ input }: FeaturePlace) => (input.kind === "category" ? 1 : input.scale);
  const [sa, sb] = [scaleOf(a), scaleOf(b)];
  const centers = described.flatMap(({ center }) => [
    rawValue(a.input, center[a.feature]),
    rawValue(b.input, center[b.feature]),
  ]);
  // Upper triangular P with PᵀP the block of the precision that belongs to the two columns: (2 features, 2 rows, m).
  const projections = new Float32Array(4 * m);
  described.forEach(({ precision }, k) => {
    const [p, q, r] = [
      precision[a.feature][a.feature] / sa ** 2,
      precision[a.feature][b.feature] / sa / sb,
      precision[b.feature][b.feature] / sb ** 2,
    ];
    const diagonal = Math.sqrt(Math.max(p, 1e-30));
    projections[k] = diagonal; // feature a, row 0
    projections[2 * m + k] = q / diagonal; // feature b, row 0
    projections[3 * m + k] = Math.sqrt(Math.max(r - (q / diagonal) ** 2, 0)); // feature b, row 1
  });
  const params = {
    centers: tensor(centers, [m, 2]),
    projections: { data: projections, shape: [2, 2, m] },
    weights: tensor(
      described.map(({ weight }) => weight[0]),
      [m, 1],
    ),
  };
  const svg = drawComponents(
    { type: "gmnm", inFeatures: 2, outFeatures: 1, numComponents: m, covariance: "full" },
    params,
    {
      box: [rangeOfFeature(a, x), rangeOfFeature(b, x)],
      title: "The Gaussians",
      xLabel: a.input.name,
      yLabel: b.input.name,
      width: 520,
    },
  );
  return [
    {
      svg,
      caption: `The ${m} strongest Gaussians along the two columns that matter most, cut at its own place in the others: the outline is where it has fallen to 61 % of its height. Orange ones add, blue ones subtract, the stronger the colour the more.`,
    },
  ];
}

const strength = ({ weight, meanActivation = 0 }: ComponentDescription): number =>
  Math.hypot(...weight) * meanActivation;

/** Numbers whose feature is a multiple of the value: only for these a Gaussian of the feature is one of the column. */
const isLinear = (input: Input): boolean => input.kind === "number" && input.transform === "identity";

/** From the 1st to the 99th percentile of a column, in its own unit. */
function rangeOfFeature({ input, feature }: FeaturePlace, { data, shape: [rows, d] }: Tensor): [number, number] {
  const sorted = Float32Array.from({ length: rows }, (_, i) => data[i * d + feature]).sort();
  const [low, high] = [0.01, 0.99].map((q) => rawValue(input, sorted[Math.round(q * (rows - 1))]));
  return low < high ? [low, high] : [low - 0.5, low + 0.5];
}
