// Frames per second of the playground while its models train, in headless Chromium with software rendering: node bench/playground.ts
import { Site } from "../test/playground/site.ts";

/** What the page is asked for by its address; the last is four large models. */
const states = {
  function: "",
  "function, novelty": "novelty=1",
  classes: "task=classes",
  poisson: "task=poisson",
  curve: "task=curve",
  digits: "task=digits",
  "four large models": "models=gmnm_100~mlp_30~kan_10~rbf_100",
};
const [WARM_UP, MEASURED] = [1000, 4000]; // milliseconds

const site = await Site.open();
console.log("task                 speed   frames/s  steps/s");
for (const [task, state] of Object.entries(states)) {
  for (const speed of ["normal", "fast"]) {
    const { page, close } = await site.page(`${state}&speed=${speed}`);
    await page.waitForSelector("[data-testid=step][data-playing=true]");
    await page.waitForTimeout(WARM_UP);
    const step = async () => Number((await page.textContent("[data-testid=step]"))!.replace(/\D/g, ""));
    const before = await step();
    const frames = await page.evaluate(
      (time) =>
        new Promise<number>((resolve) => {
          const began = performance.now();
          let frames = 0;
          const next = () => {
            frames++;
            const passed = performance.now() - began;
            if (passed < time) requestAnimationFrame(next);
            else resolve((1000 * frames) / passed);
          };
          requestAnimationFrame(next);
        }),
      MEASURED,
    );
    const steps = (1000 * ((await step()) - before)) / MEASURED;
    console.log(task.padEnd(20), speed.padEnd(7), frames.toFixed(1).padStart(8), steps.toFixed(0).padStart(8));
    await close();
  }
}
await site.close();
