// Convolutions as ONNX Runtime computes them fastest: with a block of channels side by side, as many as a vector register holds (NCHWc). Images
// stay in that order from one convolution to the next, so that little but kernels is moved.
import type { Graph, Value } from "../graph.ts";
import { contiguous, product, reshape, reshapeValue, shapeOf, transpose, type View, viewOf } from "../view.ts";
import { zeros } from "./arithmetic.ts";
import { pad, type Range, shrink } from "./movement.ts";

/** What jax-js's primitive says of a convolution, for height and width. */
export type Convolution = {
  strides: readonly number[];
  padding: readonly Range[];
  /** Distance of the image's pixels: zeros lie between them. */
  lhsDilation: readonly number[];
  /** Distance of the kernel's pixels. */
  rhsDilation: readonly number[];
};

const NONE: Range = [0, 0];

/** x (batch, channels, height, width) and kernel (outputs, channels, height, width) to (batch, outputs, height′, width′). */
export function convolve(graph: Graph, x: View, kernel: View, convolution: Convolution, block: number): View {
  const { strides, padding, lhsDilation, rhsDilation } = convolution;
  const [batch, channels] = shapeOf(x);
  const [outputs, , ...kernelSize] = shapeOf(kernel);
  const spaced = spread(graph, x, lhsDilation);
  const size = shapeOf(spaced)
    .slice(2)
    .map((length, i) => {
      const room = length + padding[i][0] + padding[i][1] - (kernelSize[i] - 1) * rhsDilation[i] - 1;
      return Math.floor(room / strides[i]) + 1;
    });
  const rest = cropped(graph, spaced, padding);
  if (!rest) return zeros(graph, x.base.dtype, [batch, outputs, ...size]);
  // Fewer channels than a block are taken one after another.
  const inBlock = channels < block ? 1 : block;
  const image = inBlocks(graph, rest, inBlock);
  const around = padding.map(([before, after]): Range => [Math.max(before, 0), Math.max(after, 0)]);
  // Where the kernel hangs over the edge, outputs are computed one by one; of a narrow result, as of a gradient of weights, that is most.
  const isNarrow = size[1] < kernelSize[1];
  const padded = isNarrow ? contiguous(graph, pad(graph, viewOf(image), [NONE, NONE, ...around, NONE])).base : image;
  const pads = [0, 1].flatMap((side) => around.map((range) => (isNarrow ? 0 : range[side])));
  const filled = Math.ceil(outputs / block) * block;
  const [, blocks, height, width] = padded.shape;
  const y = graph.node(
    "BlockedConv",
    [
      reshapeValue(graph, padded, [batch, blocks * inBlock, height, width]),
      kernelInBlocks(graph, kernel, inBlock, block),
    ],
    [batch, filled, ...size],
    "float32",
    { kernel_shape: kernelSize, strides, dilations: rhsDilation, pads },
  );
  const stored = viewOf(reshapeValue(graph, y, [batch, filled / block, ...size, block]), x.scale * kernel.scale);
  const result = reshape(graph, transpose(stored, [0, 1, 4, 2, 3]), [batch, filled, ...size]);
  return shrink(
    graph,
    result,
    [batch, outputs, ...size].map((length): Range => [0, length]),
  );
}

/** Zeros between the pixels. */
function spread(graph: Graph, x: View, dilation: readonly number[]): View {
  if (product(dilation) === 1) return x;
  const [batch, channels, height, width] = shapeOf(x);
  const apart = reshape(graph, x, [batch, channels, height, 1, width, 1]);
  const spaced = pad(graph, apart, [NONE, NONE, NONE, [0, dilation[0] - 1], NONE, [0, dilation[1] - 1]]);
  const whole = reshape(graph, spaced, [batch, channels, height * dilation[0], width * dilation[1]]);
  const ends = [height, width].map((length, i): Range => [0, (length - 1) * dilation[i] + 1]);
  return shrink(graph, whole, [[0, batch], [0, channels], ...ends]);
}

/** Without the rows and columns that a negative padding takes away; undefined where it takes all. */
function cropped(graph: Graph, x: View, padding: readonly Range[]): View | undefined {
  const [batch, channels, ...size] = shapeOf(x);
  const kept = padding.map(([before, after], i): Range => [Math.max(-before, 0), size[i] - Math.max(-after, 0)]);
  return kept.some(([from, to]) => from >= to) ? undefined : shrink(graph, x, [[0, batch], [0, channels], ...kept]);
}

/** (batch, channels, height, width) as (batch, channels / block, height, width, block). */
function inBlocks(graph: Graph, x: View, block: number): Value {
  const filled = fillBlocks(graph, x, 1, block);
  const [batch, channels, ...size] = shapeOf(filled);
  const split = reshape(graph, filled, [batch, channels / block, block, ...size]);
  return contiguous(graph, transpose(split, [0, 1, 3, 4, 2])).base;
}

/** (outputs, channels, height, width) as (outputs / outBlock, channels / inBlock, height, width, inBlock, outBlock), with the shape that it had. */
function kernelInBlocks(graph: Graph, kernel: View, inBlock: number, outBlock: number): Value {
  const filled = fillBlocks(graph, fillBlocks(graph, kernel, 0, outBlock), 1, inBlock);
  const [outputs, channels, ...size] = shapeOf(filled);
  const split = reshape(graph, filled, [outputs / outBlock, outBlock, channels / inBlock, inBlock, ...size]);
  return reshapeValue(graph, contiguous(graph, transpose(split, [0, 2, 4, 5, 3, 1])).base, shapeOf(filled));
}

/** Zeros behind a dimension up to a whole number of blocks. */
function fillBlocks(graph: Graph, x: View, dim: number, block: number): View {
  const missing = Math.ceil(shapeOf(x)[dim] / block) * block - shapeOf(x)[dim];
  return pad(
    graph,
    x,
    shapeOf(x).map((_, i): Range => [0, i === dim ? missing : 0]),
  );
}
