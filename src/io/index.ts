export { writeAtomic } from "./atomic.ts";
export { type CheckpointOptions, checkpoint } from "./checkpoint.ts";
export { exportOnnx, load, save } from "./file.ts";
export { type DecodeOptions, decodeModel, encodeModel } from "./model-file.ts";
export { type OnnxOptions, toOnnx } from "./onnx-export.ts";
export { decodeSafetensors, encodeSafetensors, type Safetensors } from "./safetensors.ts";
export { snapshotFile } from "./snapshot-file.ts";
