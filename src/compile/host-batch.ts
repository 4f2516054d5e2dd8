import { namedTensors, type ParamTensors } from "../params.ts";
import type { Tensor } from "../tensor.ts";
import type { Batch } from "./compile.ts";
import { type Float32Tensor, ortTensor, type Runtime } from "./session.ts";

/** A batch in ordinary memory, which is where ONNX Runtime computes. */
export class HostBatch implements Batch {
  readonly tensors: ParamTensors;
  readonly leaves: readonly Float32Tensor[];
  /** The shapes of the leaves: what a program is compiled for. */
  readonly shapes: string;
  constructor({ ort }: Runtime, tensors: ParamTensors) {
    this.tensors = tensors;
    this.leaves = leavesOf(tensors).map((leaf) => ortTensor(ort, leaf));
    this.shapes = this.leaves.map(({ dims }) => `(${dims})`).join("");
  }
  dispose(): void {}
}

export const leavesOf = (params: ParamTensors): Tensor[] => namedTensors(params).map(([, leaf]) => leaf);
