// The picture of the README: Franke's function, learnt from 1000 points, and the 32 Gaussians that learnt it.
// Run it with: npm run example docs/images/make.ts
import { writeFile } from "node:fs/promises";
import { components, evaluate, fields, fit, gmnm, predict, Random, relativeRmse, row, tensor, toPng } from "gmnm";

const SIDE = 121;
const box = [[-1, 1], [-1, 1]] as const; // biome-ignore format: a box
const bump = (x: number, y: number) => Math.exp(-(x ** 2 + y ** 2) / 4);
/** R. Franke's test function for scattered data (1979), on [−1, 1]² in place of [0, 1]². */
function franke(a: number, b: number): number {
  const [x, y] = [4.5 * (a + 1), 4.5 * (b + 1)];
  const slope = Math.exp(-((x + 1) ** 2) / 49 - (y + 1) / 10);
  return 0.75 * bump(x - 2, y - 2) + 0.75 * slope + 0.5 * bump(x - 7, y - 3) - 0.2 * bump(2 * (x - 4), 2 * (y - 7));
}
const on = (points: number[][]) => ({ x: points, y: points.map(([x, y]) => [franke(x, y)]) });

const random = new Random(0);
const training = on(Array.from({ length: 1000 }, () => [random.uniform(-1, 1), random.uniform(-1, 1)]));
const grid = on(
  Array.from({ length: SIDE * SIDE }, (_, i) => [i % SIDE, Math.floor(i / SIDE)].map((j) => (2 * j) / (SIDE - 1) - 1)),
);

const layer = gmnm(2, 1, { numComponents: 32 });
const { model } = await fit(layer, training, { epochs: 3000 });
const { error } = await evaluate(model, grid, { metrics: { error: relativeRmse } });
console.log(`relative RMSE on the grid: ${error.toExponential(1)}`);

const prediction = await predict(model, grid.x);
const figures = fields(
  { target: tensor(grid.y.flat(), [SIDE, SIDE]), prediction: tensor(prediction.data, [SIDE, SIDE]) },
  { box, width: 300 },
);
const learnt = components(layer.config, model.params, { box, width: 300, title: "Components" });
const folder = import.meta.dirname;
await writeFile(`${folder}/components.png`, toPng(row([...figures, learnt], 12), { width: 1800 }));
