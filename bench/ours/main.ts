// The benchmark's own process: JSON lines in, JSON lines out (../protocol.ts).
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { type Executor, ready } from "../../src/compile/executor.ts";
import type { Hello, MemoryUse, Prepare, Prepared, Request } from "../protocol.ts";
import { cases, gmnmLayer } from "./cases.ts";
import { startTraining, type Training } from "./training.ts";

const WARM_UP_MS = 300;
const MEGABYTE = 2 ** 20;

const { values: options } = parseArgs({ options: { executor: { type: "string", default: "auto" } } });
const native = options.executor === "native";
const executor = options.executor as Executor; // checked by ready
const trainings = new Map<string, Training>();

async function prepare({ prepare: name, sizes }: Prepare): Promise<Prepared> {
  const training = await startTraining(sizes ? gmnmLayer(sizes) : cases[name](), executor);
  trainings.set(name, training);
  const began = performance.now();
  for (let taken = 1; taken < 3 || performance.now() - began < WARM_UP_MS; taken++) await training.step();
  return { parameters: training.parameters, firstStepMs: training.firstStepMs };
}

async function measure(name: string, steps: number) {
  const { step } = trainings.get(name)!;
  const began = performance.now();
  let loss = 0;
  for (let taken = 0; taken < steps; taken++) loss = await step();
  const ms = performance.now() - began;
  // Numbers that are not finite are computed at another speed, and a step of ours then changes nothing.
  if (!Number.isFinite(loss)) throw new Error(`the loss of ${name} is ${loss}`);
  return { ms };
}

const memory = (): MemoryUse => ({
  rssMB: process.memoryUsage.rss() / MEGABYTE,
  peakMB: process.resourceUsage().maxRSS / 1024, // the system counts in kB
});

async function answer(request: Request) {
  try {
    if ("prepare" in request) return await prepare(request);
    return "case" in request ? await measure(request.case, request.steps) : memory();
  } catch (error) {
    return { error: (error as Error).message };
  }
}

const send = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`);

const began = performance.now();
try {
  await ready(executor);
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
const startMs = performance.now() - began;
const { dependencies, optionalDependencies } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
);
const engine = native ? "onnxruntime-node" : "@jax-js/jax";
const adapter = executor === "webgpu" ? await navigator.gpu.requestAdapter() : null;
const hello: Hello = {
  cases: Object.keys(cases),
  versions: {
    [engine]: { ...dependencies, ...optionalDependencies }[engine],
    ...(adapter && { webgpu: adapter.info.description }),
  },
  startMs,
  threads: native ? Number(process.env.GMNM_THREADS) || availableParallelism() : 1,
};
send(hello);
for await (const line of createInterface({ input: process.stdin })) send(await answer(JSON.parse(line)));
