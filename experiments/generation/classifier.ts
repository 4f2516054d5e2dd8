import { mlp } from "../../src/models/mlp.ts";
import { type AnyLayer, fromConfig, type LayerConfig } from "../../src/nn/index.ts";
import { adam, cosine } from "../../src/optim/index.ts";
import type { ParamTensors } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import type { Tensor } from "../../src/tensor.ts";
import { accuracy, crossEntropy, evaluate, fit, predict } from "../../src/train/index.ts";
import { imageSplits, PIXELS, trainingRows } from "./data.ts";

/** Penultimate features: what the distance between two sets of images is taken of. */
const FEATURES = 32;
const TRAINED_ON = 10_000;

/** What tells sets of images apart. */
export type Judge = {
  /** Accuracy on test images, so that a reader knows what the features are worth. */
  accuracy: number;
  /** (images, 784) → (images, 32). */
  features(x: Tensor): Promise<Tensor>;
};

const known = new Map<string | undefined, Promise<Judge>>();

/** A small classifier of the training images, always the same one for the same data. Trained once per thread. */
export function judge(data: string | undefined): Promise<Judge> {
  const found = known.get(data) ?? trainJudge(data);
  known.set(data, found);
  return found;
}

async function trainJudge(data: string | undefined): Promise<Judge> {
  const { train, test } = imageSplits(data);
  const { model } = await fit(
    mlp([PIXELS, 128, FEATURES, train.classes.length], { nonlinearity: "gelu" }),
    trainingRows(train, TRAINED_ON, new Random(1)),
    {
      loss: crossEntropy,
      optimizer: adam({ learningRate: cosine(4e-3) }),
      epochs: 10,
      batchSize: 100,
      progress: false,
    },
  );
  const layers = (model.layer.config.layers as LayerConfig[]).slice(0, -1);
  const body: AnyLayer = fromConfig({ type: "sequential", layers });
  const params = (model.params as ParamTensors[]).slice(0, -1);
  return {
    accuracy: (await evaluate(model, test, { metrics: { accuracy } })).accuracy,
    features: (x) => predict({ layer: body, params }, x),
  };
}
