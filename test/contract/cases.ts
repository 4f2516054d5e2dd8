// Every layer and variant, small enough for finite differences in float64.
import type { LayerCase } from "./cases/case.ts";
import { featureCases } from "./cases/features.ts";
import { imageCases } from "./cases/images.ts";
import { sequenceCases } from "./cases/sequences.ts";

export type { LayerCase } from "./cases/case.ts";

export const layerCases: LayerCase[] = [...featureCases, ...imageCases, ...sequenceCases];
