// Every layer that exports can hold, alone and in the models that people fit.

import { jsLayers } from "../../src/export/js-layers.ts";
import { typesOf } from "../../src/export/pieces.ts";
import type { Model } from "../../src/model.ts";
import { dlinear, gmnmForecaster, lstmForecaster, mlp, nlinear } from "../../src/models/index.ts";
import {
  activation,
  batchNorm,
  dropout,
  flatten,
  gaussianMixtureActivation,
  gmnm,
  gmnmLstm,
  kan,
  layerNorm,
  linear,
  mixtureOverTime,
  rbf,
  residual,
  sequential,
} from "../../src/nn/index.ts";
import type { AnyLayer } from "../../src/nn/layer.ts";
import type { Tensor } from "../../src/tensor.ts";
import { layerCases } from "../contract/cases.ts";
import { normal, shapesOf } from "../contract/points.ts";
import { started } from "./samples.ts";

export type ExportCase = { name: string; model: Model; x: Tensor };

const caseOf = (name: string, layer: AnyLayer, row: number[]): ExportCase => ({
  name,
  model: started(layer),
  x: normal([4, ...row]),
});

const ofContract = layerCases
  .filter(({ layer, context }) => !context?.training && [...typesOf(layer.config)].every((type) => type in jsLayers))
  .filter((given) => shapesOf(given)[0].length < 3)
  .map((given) => caseOf(given.name, given.layer, shapesOf(given)[0]));

export const exportCases: ExportCase[] = [
  ...ofContract,
  caseOf("batchNorm", sequential(linear(3, 4), batchNorm(4), activation("relu"), linear(4, 2)), [3]),
  caseOf("gmnm isotropic of 9 features", gmnm(9, 2, { covariance: "isotropic" }), [9]),
  caseOf("gmnm diagonal of 9 features", gmnm(9, 2, { covariance: "diagonal", partitionOfUnity: true }), [9]),
  caseOf("rbf of 9 features", rbf(9, 1, { numComponents: 7 }), [9]),
  caseOf("a network of 12 features", mlp([12, 16, 8, 3], { nonlinearity: "gelu" }), [12]),
  caseOf("mixtures in layers", sequential(gmnm(5, 4, { weightScale: 3 }), dropout(0.1), gmnm(4, 2)), [5]),
  caseOf(
    "all sorts of layers",
    sequential(linear(4, 6), layerNorm(6), gaussianMixtureActivation(6), residual(kan(6, 6)), rbf(6, 2)),
    [4],
  ),
  caseOf("flatten", sequential(flatten(), linear(6, 2)), [3, 2]),
  caseOf("nlinear", nlinear(8, 3), [8, 2]),
  caseOf("dlinear", dlinear(30, 4), [30, 2]),
  caseOf("dlinear with an even window", dlinear(9, 4, { window: 6 }), [9, 2]),
  caseOf("gmnmForecaster", gmnmForecaster(12, 4, { numComponents: 6 }), [12, 2]),
  caseOf("lstmForecaster", lstmForecaster(2, 3, { hiddenSize: 5, between: (n) => gmnm(n, n), head: gmnm }), [6, 2]),
  caseOf("gmnmLstm forecaster", lstmForecaster(2, 3, { hiddenSize: 5, cell: gmnmLstm }), [6, 2]),
  caseOf("lstmForecaster over time", lstmForecaster(2, 3, { hiddenSize: 5, over: mixtureOverTime }), [6, 2]),
];
