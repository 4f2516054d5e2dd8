// The form of D. Page's ResNet-9 ("How to train your ResNet", 2018) at the size of a few ten thousand parameters; the sizes are our choice.
import { GmnmError } from "../errors.ts";
import type { Layer, Params } from "../nn/layer.ts";
import { linear } from "../nn/linear.ts";
import { globalAvgPool2d, maxPool2d } from "../nn/pool2d.ts";
import { residual } from "../nn/residual.ts";
import { sequential } from "../nn/sequential.ts";
import type { CnnOptions } from "./cnn.ts";
import { convolutionBlock } from "./convolution-block.ts";

/**
 * A small residual network for images: every stage is a block that changes the number of channels, and x + two blocks that keep it; between
 * stages the image is halved. The blocks are those of {@link cnn}.
 *
 * Shapes: (batch, height, width, inChannels) → (batch, classes).
 *
 * @example
 * ```ts
 * const model = residualCnn(3, 10, { channels: [16, 32, 64], nonlinearity: gaussianMixtureActivation });
 * ```
 * @throws GmnmError without channels, and when the network runs, for images too small to be halved so often.
 */
export function residualCnn(inChannels: number, classes: number, options: CnnOptions = {}): Layer<Params[]> {
  const { channels = [16, 32, 48], kernelSize = 3, nonlinearity = "relu" } = options;
  if (channels.length === 0) throw new GmnmError("residualCnn needs at least one stage, got no channels");
  const block = (ins: number, outs: number) => convolutionBlock(ins, outs, nonlinearity, kernelSize);
  const stages = channels.flatMap((outs, i) => [
    ...(i > 0 ? [maxPool2d()] : []),
    ...block(channels[i - 1] ?? inChannels, outs),
    residual(sequential(...block(outs, outs), ...block(outs, outs))),
  ]);
  return sequential(...stages, globalAvgPool2d(), linear(channels[channels.length - 1], classes));
}
