import type { Images } from "../../src/data/index.ts";
import type { ConvolutionNonlinearity } from "../../src/models/index.ts";
import { cnn, mlp } from "../../src/models/index.ts";
import {
  type AnyLayer,
  fastKan,
  flatten,
  type GaussianMixtureConv2dOptions,
  gaussianMixtureActivation,
  gaussianMixtureConv2d,
  gmnm,
  sequential,
} from "../../src/nn/index.ts";
import { matchParameters } from "../shared/match-parameters.ts";

/** What a network must know of its images. */
type ImageShape = Pick<Images, "height" | "width" | "channels" | "classes">;

type Builder = (image: ImageShape, size: number) => AnyLayer;

const flat = ({ height, width, channels }: ImageShape) => height * width * channels;
const perceptron =
  (nonlinearity: NonNullable<Parameters<typeof mlp>[1]>["nonlinearity"]): Builder =>
  (image, size) =>
    matchParameters(size, (w) => sequential(flatten(), mlp([flat(image), w, image.classes.length], { nonlinearity })));

/**
 * Without the sample of pixels that `fit` shows: they are standardised as a whole, and a start that measured each by its own spread would make
 * those at the edge, which few images light, count most.
 */
const startedBlind = (layer: AnyLayer): AnyLayer => ({ ...layer, init: (random) => layer.init(random) });

/**
 * The mixture takes the place of the hidden layer, and of the last one, too: its weights mix Gaussians into logits. Wide Gaussians, weights
 * large enough for logits, and no linear path: each lowered the test error (docs/method.md).
 */
const mixture =
  (rank: number): Builder =>
  (image, size) =>
    matchParameters(size, (m) =>
      sequential(
        flatten(),
        startedBlind(
          gmnm(flat(image), image.classes.length, {
            numComponents: m,
            rank,
            covariance: "lowRank",
            centers: "projected",
            skip: false,
            weightScale: 3,
            width: 4,
          }),
        ),
      ),
    );

/** Channels of the convolutional networks, for every 16 of the first block. */
const STAGES = [16, 32, 48];

const convolutional =
  (nonlinearity: ConvolutionNonlinearity): Builder =>
  ({ channels, classes }, size) =>
    matchParameters(size, (w) =>
      cnn(channels, classes.length, { channels: STAGES.map((c) => (c * w) / 16), nonlinearity }),
    );

/** So many Gaussians that the network has its size, in proportion to the channels, which are those of the others. */
const convolutionsOfMixtures =
  (options: GaussianMixtureConv2dOptions): Builder =>
  ({ channels, classes }, size) =>
    matchParameters(size, (w) => {
      const components = (outs: number) => Math.max(1, Math.round((outs * w) / 32));
      const convolution = (ins: number, outs: number) =>
        gaussianMixtureConv2d(ins, outs, { ...options, numComponents: components(outs) });
      return cnn(channels, classes.length, { channels: STAGES, nonlinearity: { convolution } });
    });

/** Four Gaussians per channel: with more, the network would have to be narrower than its rivals. */
const activation = (channels: number) => gaussianMixtureActivation(channels, { numComponents: 4 });

/** Every model by network and name. */
export const models: Record<"MLP" | "CNN", Record<string, Builder>> = {
  MLP: {
    GMNM: mixture(1),
    "GMNM, rank 2": mixture(2),
    "GMNM activation": perceptron(activation),
    ReLU: perceptron("relu"),
    GELU: perceptron("gelu"),
    FastKAN: (image, size) =>
      matchParameters(size, (h) => sequential(flatten(), fastKan(flat(image), h), fastKan(h, image.classes.length))),
  },
  CNN: {
    GMNM: convolutionsOfMixtures({ rank: 1 }),
    "GMNM, rank 2": convolutionsOfMixtures({ rank: 2 }),
    "GMNM activation": convolutional(activation),
    ReLU: convolutional("relu"),
    GELU: convolutional("gelu"),
  },
};

/** A model of a size for images of a shape. */
export const layerOf = (network: "MLP" | "CNN", model: string, images: ImageShape, size: number): AnyLayer =>
  models[network][model](images, size);

/** Parameters that the models of a network have, within 5 %. */
export const SIZES = { MLP: 50000, CNN: 20000 };
