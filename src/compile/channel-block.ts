// How many channels the convolutions of ONNX Runtime take side by side (its layout NCHWc): as many numbers as a vector register holds, so it
// depends on the processor. Nothing tells it but an operator that brings an image into that layout and fills its channels up to one block.
import type * as Ort from "onnxruntime-node";
import { Graph } from "./graph.ts";
import { encodeModel } from "./onnx.ts";

/** The fewest channels that ONNX Runtime brings into blocks; what it does not fill up has none. */
const CHANNELS = 4;

const known = new WeakMap<typeof Ort, Promise<number | undefined>>();

/** The channels of a block; undefined where ONNX Runtime has no such convolution for the processor. Asked once, in 2 ms. */
export function channelBlockOf(ort: typeof Ort): Promise<number | undefined> {
  const block = known.get(ort) ?? find(ort).catch(() => undefined);
  known.set(ort, block);
  return block;
}

async function find(ort: typeof Ort): Promise<number | undefined> {
  const graph = new Graph();
  const shape = [1, CHANNELS, 1, 1];
  const x = graph.input(shape, "float32");
  const y = graph.node("ToBlocks", [x], shape, "float32");
  const model = encodeModel([{ name: "x", value: x }], [{ name: "y", value: y }], {
    dynamic: { y: { 1: "channels" } },
  });
  const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 4 });
  const results = await session.run({ x: new ort.Tensor("float32", new Float32Array(CHANNELS), shape) });
  await session.release();
  const [, channels] = results.y.dims;
  return channels > CHANNELS ? channels : undefined;
}
