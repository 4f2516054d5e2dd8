// Times of a training step, models of the same size taking turns: run it on an idle machine.
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { functions } from "../experiments/functions/experiment.ts";
import { models } from "../experiments/functions/models.ts";
import { versions } from "../experiments/shared/report.ts";
import { textTable } from "../src/cli/table.ts";
import { writeAtomic } from "../src/io/index.ts";

const { values: options } = parseArgs({
  options: { quick: { type: "boolean", default: false }, json: { type: "string", default: "bench/results.json" } },
});
const ROUNDS = options.quick ? 5 : 15;
const STEPS = 40;
const PEER = "MLP tanh";

type Case = {
  case: string;
  executor: "wasm";
  threads: number;
  medianMs: number;
  p10Ms: number;
  p90Ms: number;
  runs: number;
};

const samples = new Map<string, number[]>();
const sizes = [400, 1600];
for (let round = 0; round < ROUNDS; round++) {
  for (const size of sizes) {
    for (const model of Object.keys(models)) {
      const trial = {
        experiment: "functions",
        task: "franke",
        model,
        size,
        optimizer: "adam",
        setting: { learningRate: 0.01 },
        seed: 0,
        steps: STEPS,
      };
      const { msPerStep } = await functions.run(trial);
      const name = `${model} ${size}`;
      samples.set(name, [...(samples.get(name) ?? []), msPerStep]);
    }
  }
  process.stderr.write(`round ${round + 1} of ${ROUNDS}\n`);
}

const quantile = (sorted: readonly number[], q: number) => sorted[Math.round(q * (sorted.length - 1))];
const cases = [...samples].map(([name, times]): Case => {
  const sorted = times.toSorted((a, b) => a - b);
  return {
    case: name,
    executor: "wasm",
    threads: 1,
    medianMs: quantile(sorted, 0.5),
    p10Ms: quantile(sorted, 0.1),
    p90Ms: quantile(sorted, 0.9),
    runs: sorted.length,
  };
});
const medianOf = (name: string) => cases.find((one) => one.case === name)!.medianMs;
const ratios = cases.map((one) => {
  const peer = `${PEER} ${one.case.split(" ").at(-1)}`;
  return { case: one.case, executor: one.executor, peer, ratio: one.medianMs / medianOf(peer) };
});

console.log(`Milliseconds per full-batch Adam step on 1000 points, one core of ${cpus()[0].model.trim()}\n`);
console.log(
  textTable(
    ["model and parameters", "median", "10 %", "90 %", `÷ ${PEER}`],
    cases.map((one, i) => [
      one.case,
      ...[one.medianMs, one.p10Ms, one.p90Ms, ratios[i].ratio].map((value) => value.toFixed(2)),
    ]),
  ),
);
await writeAtomic(
  options.json,
  `${JSON.stringify({ machine: versions().machine, versions: versions(), cases, ratios }, null, 2)}\n`,
);
