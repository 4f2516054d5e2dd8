// Fit a function of two variables, predict, save, and load again. Run it with: npm run example examples/01-fit-a-function.ts
import { evaluate, fit, gmnm, load, predict, save } from "gmnm";

const x = Float32Array.from({ length: 2000 }, () => 2 * Math.random() - 1); // 1000 points (x₁, x₂)
const y = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(3 * x[2 * i]) * Math.cos(2 * x[2 * i + 1]));

const layer = gmnm(2, 1, { numComponents: 32 });
const { model } = await fit(layer, { x, y }, { epochs: 600 });
console.log("root mean squared error:", (await evaluate(model, { x, y })).rmse);

await save(model, "model.safetensors");
const { data } = await predict(await load("model.safetensors"), [[0.5, 0]]);
console.log("at (0.5, 0):", data[0], "should be", Math.sin(1.5));
