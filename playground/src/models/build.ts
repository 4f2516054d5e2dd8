import { type AnyLayer, fastKan, gaussianMixtureActivation, gmnm, kan, mlp, rbf, sequential } from "../gmnm.ts";
import { hiddenSizes, initializerOf, numGridsOf, rankOf } from "./count.ts";
import type { ModelSpec } from "./spec.ts";

/** The layer that a model's settings describe. */
export function buildLayer(spec: ModelSpec, inFeatures: number, outFeatures: number): AnyLayer {
  const [d, o] = [inFeatures, outFeatures];
  const { family, size, grid, activation } = spec;
  const initializer = initializerOf(spec, d);
  switch (family) {
    case "gmnm":
      return gmnm(d, o, {
        numComponents: size,
        covariance: spec.covariance,
        ...(spec.covariance === "lowRank" && { rank: rankOf(spec, d) }),
        aggregate: spec.aggregate,
        centers: spec.centers,
        initializer,
        width: spec.width,
        skip: spec.skip,
        partitionOfUnity: spec.partition,
      });
    case "rbf":
      return rbf(d, o, { numComponents: size, initializer, width: spec.width });
    case "kan":
      return sequential(kan(d, size, { gridSize: grid }), kan(size, o, { gridSize: grid }));
    case "fastKan":
      // Two normalised coordinates would be ±1: the first layer's grid covers the inputs instead.
      return sequential(
        fastKan(d, size, { numGrids: numGridsOf(spec), grid: [-1.2, 1.2], layerNorm: false }),
        fastKan(size, o, { numGrids: numGridsOf(spec) }),
      );
    case "mlp": {
      const nonlinearity = activation === "mixture" ? gaussianMixtureActivation : activation;
      return mlp([d, ...hiddenSizes(spec), o], { nonlinearity });
    }
  }
}
