// A Gaussian mixture in a network that is otherwise your own: as its activation, and as one of its layers. The data set has eight
// columns; the target depends on three of them. One seed and nothing tuned: this shows how, not which is better.
// Run it with: npm run example examples/03-inside-an-mlp.ts
import {
  type AnyLayer,
  activation,
  evaluate,
  fit,
  gaussianMixtureActivation,
  gmnm,
  linear,
  mlp,
  Random,
  sequential,
} from "gmnm";

const random = new Random(1);
const rows = Array.from({ length: 1000 }, () => Array.from({ length: 8 }, () => random.gaussian()));
const target = rows.map(([a, b, c]) => [Math.sin(2 * a) + 0.5 * b * c]);
const [training, held] = [
  { x: rows.slice(0, 800), y: target.slice(0, 800) },
  { x: rows.slice(800), y: target.slice(800) },
];

const models: Record<string, AnyLayer> = {
  // The network to compare with.
  "MLP, SiLU": mlp([8, 32, 32, 1]),
  // The same, with an activation learnt per channel that starts as SiLU: a drop-in.
  "MLP, mixture activation": mlp([8, 32, 32, 1], { nonlinearity: gaussianMixtureActivation }),
  // A mixture as a layer among others: linear features in, a mixture of 32 Gaussians on top.
  "linear, SiLU, mixture": sequential(linear(8, 32), activation("silu"), gmnm(32, 1, { numComponents: 32 })),
};

for (const [name, layer] of Object.entries(models)) {
  const { model } = await fit(layer, training, { epochs: 200 });
  const { r2 } = await evaluate(model, held);
  console.log(`${name}: R² on held-out rows ${r2.toFixed(3)}`);
}
