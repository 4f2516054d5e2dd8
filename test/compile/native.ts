// Tests of the native executor run where ONNX Runtime does; elsewhere they say why they do not.
import { describe, test } from "vitest";
import { loadRuntime } from "../../src/compile/session.ts";

export const hasNative = (await loadRuntime()) !== undefined;
if (!hasNative) console.warn("native executor not tested: onnxruntime-node cannot be loaded here");

// The package is optional: the line above is printed once per file.
export const nativeTest = test.skipIf(!hasNative);
export const describeNative = describe.skipIf(!hasNative);
