// What the contract test knows of a layer.
import type { AnyLayer, Context } from "../../../src/nn/index.ts";

type Common = { name: string; layer: AnyLayer; context?: Context };

/** A layer of the last axis, whatever stands before it. */
export type FeaturesCase = Common & {
  /** Length of the last axis of x, and of the result. */
  features: [number, number];
  /** The layer checks the length of the last axis, under this name. */
  checksAs?: string;
};

/** A layer of images or sequences. */
export type ShapedCase = Common & {
  /** Shape of x without the batch. */
  from: number[];
  /** Shape of the result without the batch. */
  to: number[];
  /** The shape that it asks for where it gets another one, such as "(batch, time, 3)". */
  expects?: string;
};

export type LayerCase = FeaturesCase | ShapedCase;

export const shaped = (name: string, layer: AnyLayer, from: number[], to: number[], expects?: string): ShapedCase => ({
  name,
  layer,
  from,
  to,
  expects,
});
