import type { Experiment, Plan } from "../shared/experiment.ts";
import { hasMnist, imagesName, kindOf } from "./data.ts";
import { trainDiffusion } from "./diffusion.ts";
import { generationFigures } from "./figures.ts";
import { networkNames } from "./networks.ts";
import { trainVae } from "./vae.ts";

const trainers = { VAE: trainVae, diffusion: trainDiffusion };

const settings = (rates: number[]) => rates.map((learningRate) => ({ learningRate }));
const common = { models: networkNames, sizes: [100_000], optimizers: ["adam"] };
const plans: Record<"quick" | "full", Omit<Plan, "tasks">> = {
  quick: { ...common, settings: settings([0.003, 0.01]), seeds: 2, steps: 600, tuningSteps: 200 },
  full: { ...common, settings: settings([0.003, 0.01, 0.03]), seeds: 5, steps: 4000, tuningSteps: 2000 },
};

/** Images made up by a decoder of noise, and by a network that takes noise away. */
export const generation: Experiment = {
  name: "generation",
  title: "Making up images",
  intro: `A variational autoencoder of 16 latent numbers. Its decoder is a single mixture with a linear path, a perceptron with two hidden layers and learnt activations (mixtures in one dimension), or one with ReLU or GELU, learnt activations and GELU also with a linear path around them (residual), each of about 100,000 parameters within 5 %; the encoder, 784-200-32 with ReLU, is the same for all and not counted. With --full a diffusion model, too, whose network is one of the six (the mixture behind a linear map, for its inputs are many).

MNIST where the files are at hand, else digits drawn by code. Grey values count as the probability of white. Two thousand training images choose the learning rate, 5000 test images test. The first measure is the negative evidence lower bound on test images in nats per image, mean of ten draws of z per image (of the diffusion model: its weighted squared error); the second the Fréchet distance between 5000 images made up and the 5000 test images, in the 32 penultimate features of a classifier trained on 10,000 training images, the same for all. A model's own images are the means of their pixels. Less is better in both.`,
  metric: "test loss",
  generated: (data) => !hasMnist(data),
  kindOf: (task) => task,
  plan: (scale, data) => {
    const chosen = scale === "full" ? Object.keys(trainers) : ["VAE"];
    return { ...plans[scale], tasks: chosen.map((kind) => `${imagesName(data)} ${kind}`) };
  },
  run: (trial) => trainers[kindOf(trial.task)](trial),
  figures: generationFigures,
};
