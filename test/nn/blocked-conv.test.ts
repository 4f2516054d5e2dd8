// Layers whose channels fill blocks give the compiler a convolution in place of a product: the same values and gradients.
import { grad, numpy as np, tree } from "@jax-js/jax";
import { describe, expect, test } from "vitest";
import { compileFunction } from "../../src/compile/compile.ts";
import { liveValues } from "../../src/compile/graph.ts";
import { buildGraph } from "../../src/compile/program.ts";
import { activation, type Conv2dOptions, conv2d, maxPool2d, sequential } from "../../src/nn/index.ts";
import type { AnyLayer, Params } from "../../src/nn/layer.ts";
import { namedTensors, type ParamTensors, placeParams, readParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import type { Tensor } from "../../src/tensor.ts";
import { relativeError } from "../gradients.ts";

type Arrays = { conv: Params; x: np.Array };

function setUp(channels: number, outputs: number, size: number, options: Conv2dOptions, ...behind: AnyLayer[]) {
  const layer = conv2d(channels, outputs, options);
  const model = sequential(layer, ...behind);
  const random = new Random(4);
  const conv = readParams(layer.init(random));
  if ("bias" in conv) conv.bias = random.normal([outputs]);
  const args = { conv, x: random.normal([18, size, size, channels]) };
  const apply = ({ conv, x }: Arrays) => model.apply([conv, ...behind.map(() => ({}))], x);
  const withGradients = (arrays: Arrays) => ({
    y: apply(tree.ref(arrays)),
    gradients: grad((given: Arrays) => np.square(apply(given)).sum())(arrays) as Params,
  });
  return { args, withGradients };
}

const convolutions = (fn: (arrays: Arrays) => unknown, args: ParamTensors, channelBlock?: number): number =>
  liveValues(buildGraph(fn as never, [args], { channelBlock }).outputs).filter(({ op }) => op === "BlockedConv").length;

const pooled = () => [activation("relu"), maxPool2d()];

describe.each<[blocks: number, channels: number, outputs: number, size: number, Conv2dOptions, AnyLayer[]]>([
  [3, 16, 32, 7, {}, []], // forward, and for both gradients
  [3, 32, 16, 6, { bias: false, padding: "valid" }, []],
  [3, 16, 16, 8, { kernelSize: 2, dilation: 2 }, []],
  [3, 16, 16, 5, { kernelSize: 5, padding: 3 }, []],
  [3, 16, 16, 8, {}, pooled()],
  [0, 16, 16, 6, { kernelSize: 1 }, []],
  [0, 16, 16, 6, { strides: 2 }, []],
  [0, 16, 24, 6, {}, []], // a block and a half
  [0, 32, 32, 6, { groups: 2 }, []],
  [1, 1, 16, 8, {}, pooled()], // the fields of windows, taken out with ones
  [1, 3, 16, 8, {}, pooled()],
  [0, 1, 16, 9, { kernelSize: 5 }, pooled()], // fields of 36
])("%i convolutions: %i to %i channels, %i pixels, %j", (blocks, channels, outputs, size, options, behind) => {
  const { args, withGradients } = setUp(channels, outputs, size, options, ...behind);

  test("in blocks of 16, and none without blocks", () => {
    const gradients = (arrays: Arrays) => withGradients(arrays).gradients;
    expect(convolutions(gradients, args, 16)).toBe(blocks);
    expect(convolutions(gradients, args)).toBe(0);
  });

  test.each(["native", "wasm"] as const)("%s: values and gradients are those of a product", async (executor) => {
    const expected = readParams(withGradients(placeParams(args) as Arrays));
    const compiled = await compileFunction(withGradients as never, { executor });
    const found = new Map(namedTensors(await compiled(args)));
    for (const [path, { data }] of namedTensors(expected))
      expect(relativeError((found.get(path) as Tensor).data, data), path).toBeLessThan(3e-6);
    compiled.dispose();
  });
});
