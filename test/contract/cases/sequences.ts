// Layers of sequences.
import {
  aroundLastValue,
  decomposition,
  gaussianAttention,
  globalAvgPool1d,
  gmnm,
  gmnmLstm,
  gru,
  kan,
  layerNorm,
  linear,
  linearPerColumn,
  lstm,
  mixtureOverTime,
  multiHeadAttention,
  overTime,
  partOfSeries,
  patchTokens,
  positions,
  relativeToLastValue,
  sequential,
  sum,
  unflatten,
} from "../../../src/nn/index.ts";
import { type LayerCase, shaped } from "./case.ts";

export const sequenceCases: LayerCase[] = [
  ...[lstm, gru].flatMap((recurrent) => {
    const { type } = recurrent(1, 1).config;
    return [
      shaped(`${type}, the last state`, recurrent(2, 3), [4, 2], [3], "(batch, time, 2)"),
      shaped(`${type}, every state`, recurrent(2, 3, { returnSequence: true }), [4, 2], [4, 3], "(batch, time, 2)"),
      shaped(`${type} of one step`, recurrent(1, 2), [1, 1], [2], "(batch, time, 1)"),
      shaped(`${type} of ten steps`, recurrent(1, 2), [10, 1], [2], "(batch, time, 1)"),
    ];
  }),
  ...(["candidate", "gates"] as const).map((placement) =>
    shaped(
      `gmnmLstm, a mixture in the ${placement}`,
      gmnmLstm(2, 3, { placement, numComponents: 3 }),
      [3, 2],
      [3],
      "(batch, time, 2)",
    ),
  ),
  shaped(
    "gmnmLstm, every state",
    gmnmLstm(1, 2, { numComponents: 2, rank: 1, returnSequence: true }),
    [4, 1],
    [4, 2],
    "(batch, time, 1)",
  ),
  shaped("patchTokens of images", patchTokens(2), [4, 6, 2], [6, 8]),
  shaped("patchTokens of series", patchTokens(3), [6, 2], [2, 6]),
  shaped("unflatten", unflatten([2, 3]), [6], [2, 3]),
  shaped("positions", positions(3, 4), [3, 4], [3, 4], "(batch, 3, 4)"),
  shaped("globalAvgPool1d", globalAvgPool1d(), [3, 4], [4], "(batch, tokens, features)"),
  shaped("mixtureOverTime", mixtureOverTime(2, { numComponents: 3 }), [5, 2], [2], "(batch, time, 2)"),
  shaped("overTime", overTime(gmnm(5, 3, { numComponents: 3 })), [5, 2], [3, 2], "(batch, time, columns)"),
  shaped(
    "aroundLastValue",
    aroundLastValue(sequential(lstm(2, 3), linear(3, 8), unflatten([4, 2]))),
    [5, 2],
    [4, 2],
    "(batch, time, columns)",
  ),
  shaped(
    "decomposition",
    decomposition(overTime(linear(6, 3)), overTime(gmnm(6, 3, { numComponents: 3 })), { window: 4 }),
    [6, 2],
    [3, 2],
    "(batch, time, columns)",
  ),
  shaped("linearPerColumn", linearPerColumn(5, 3, 2), [5, 2], [3, 2], "(batch, 5, 2)"),
  shaped("relativeToLastValue", relativeToLastValue(), [5, 2], [5, 2], "(batch, time, columns)"),
  shaped("partOfSeries", partOfSeries({ columns: [2, 0], last: 3 }), [5, 4], [3, 2], "(batch, time, columns)"),
  shaped("partOfSeries, one column", partOfSeries({ columns: [1] }), [5, 4], [5, 1], "(batch, time, columns)"),
  shaped(
    "sum of a linear map and a mixture",
    sum(
      sequential(partOfSeries({ columns: [1] }), linearPerColumn(6, 3, 1)),
      sequential(
        partOfSeries({ columns: [1], last: 5 }),
        relativeToLastValue(),
        overTime(gmnm(5, 3, { numComponents: 3 })),
      ),
    ),
    [6, 2],
    [3, 1],
  ),
  shaped("multiHeadAttention", multiHeadAttention(4), [3, 4], [3, 4], "(batch, tokens, 4)"),
  shaped(
    "multiHeadAttention, causal",
    multiHeadAttention(4, { numHeads: 2, causal: true }),
    [3, 4],
    [3, 4],
    "(batch, tokens, 4)",
  ),
  ...[
    { numHeads: 2 },
    { numHeads: 2, numKernels: 3, causal: true },
    { numHeads: 1, numKernels: 1 },
    { numHeads: 2, normalize: true, causal: true },
  ].map((options) =>
    shaped(
      `gaussianAttention ${JSON.stringify(options)}`,
      gaussianAttention(4, options),
      [3, 4],
      [3, 4],
      "(batch, tokens, 4)",
    ),
  ),
  shaped(
    "attention with mixtures behind",
    sequential(layerNorm(4), multiHeadAttention(4), gmnm(4, 5, { numComponents: 3 }), kan(5, 2, { gridSize: 2 })),
    [3, 4],
    [3, 2],
  ),
];
