import type { Graph, Value } from "../../src/compile/graph.ts";

/** A convolution in blocks as ONNX's own Conv between reshapes and transposes. */
export function unblocked(
  graph: Graph,
  { op, inputs, shape, attributes, dtype }: Value,
  block: number,
): Value | undefined {
  if (op !== "BlockedConv") return undefined;
  const reshaped = (value: Value, to: number[]) => graph.node("Reshape", [value, graph.list(to)], to, dtype);
  const turned = (value: Value, perm: number[]) => {
    const to = perm.map((axis) => value.shape[axis]);
    return graph.node("Transpose", [value], to, dtype, { perm });
  };
  const [x, kernel] = inputs;
  const [batch, channels, ...size] = x.shape;
  const [outputs, , ...kernelSize] = kernel.shape;
  const inBlock = channels < block ? 1 : block;
  const image = turned(reshaped(x, [batch, channels / inBlock, ...size, inBlock]), [0, 1, 4, 2, 3]);
  const kernels = turned(
    reshaped(kernel, [outputs / block, channels / inBlock, ...kernelSize, inBlock, block]),
    [0, 5, 1, 4, 2, 3],
  );
  const y = graph.node(
    "Conv",
    [reshaped(image, [...x.shape]), reshaped(kernels, [...kernel.shape])],
    shape,
    dtype,
    attributes,
  );
  const [, , height, width] = shape;
  const blocks = turned(reshaped(y, [batch, outputs / block, block, height, width]), [0, 1, 3, 4, 2]);
  return reshaped(blocks, [...shape]);
}
