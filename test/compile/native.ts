// Tests of the native executor run where ONNX Runtime does; elsewhere they say why they do not.
import { describe, test } from "vitest";
import { loadRuntime } from "../../src/compile/native.ts";

const reason = (await loadRuntime()) ? undefined : "onnxruntime-node cannot be loaded here";
if (reason) console.warn(`skipped: ${reason}`);

export const nativeTest = test.skipIf(reason !== undefined);
export const describeNative = describe.skipIf(reason !== undefined);
