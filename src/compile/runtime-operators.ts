const RUNTIME = "com.microsoft";

/** Operators that are no part of ONNX: where ONNX Runtime has them, and under which name, by the name that graphs give them. */
export const RUNTIME_OPERATORS: ReadonlyMap<string, readonly [domain: string, name: string]> = new Map([
  ["FusedGemm", [RUNTIME, "FusedGemm"]],
  ["FusedMatMul", [RUNTIME, "FusedMatMul"]],
  ["BlockedConv", [`${RUNTIME}.nchwc`, "Conv"]],
  ["ToBlocks", [`${RUNTIME}.nchwc`, "ReorderInput"]],
]);
