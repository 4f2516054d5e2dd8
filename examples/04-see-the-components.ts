// What did the mixture learn? Every Gaussian has a centre, a shape and a weight: list them, and draw them.
// Run it with: npm run example examples/04-see-the-components.ts
import { writeFile } from "node:fs/promises";
import { components, describeComponents, fit, gmnm, Random, tensor, toPng } from "gmnm";

// Two hills and a valley, measured at 500 points.
const hill = (x: number, y: number, cx: number, cy: number) => Math.exp(-8 * ((x - cx) ** 2 + (y - cy) ** 2));
const landscape = (x: number, y: number) => hill(x, y, -0.5, 0.4) + hill(x, y, 0.5, 0.5) - hill(x, y, 0.1, -0.5);
const random = new Random(3);
const x = tensor(
  Float32Array.from({ length: 1000 }, () => random.uniform(-1, 1)),
  [500, 2],
);
const y = Float32Array.from({ length: 500 }, (_, i) => landscape(x.data[2 * i], x.data[2 * i + 1]));

// Narrower at the start than by default, so that each Gaussian finds one feature instead of sharing several.
const layer = gmnm(2, 1, { numComponents: 6, width: 0.6 });
const { model } = await fit(layer, { x, y }, { epochs: 800 });

const found = describeComponents(layer.config, model.params, x);
const strongest = found.toSorted((a, b) => Math.abs(b.weight[0]) - Math.abs(a.weight[0])).slice(0, 4);
for (const { center, weight, meanActivation } of strongest) {
  const place = center.map((c) => c.toFixed(2)).join(", ");
  console.log(`weight ${weight[0].toFixed(2)} at (${place}), mean activation ${meanActivation!.toFixed(3)}`);
}
console.log("dead components:", found.filter(({ dead }) => dead).length);

const figure = components(layer.config, model.params, { box: [[-1, 1], [-1, 1]], title: "Components", sample: x }); // biome-ignore format: a box
await writeFile("components.png", toPng(figure));
console.log("drawn in components.png");
