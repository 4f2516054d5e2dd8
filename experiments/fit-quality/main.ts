/**
 * How good models are with no option but the table: `node experiments/fit-quality/main.ts --data DIR --json FILE`. Makes the table of
 * docs/tables-quality.md. Every table takes the way of `gmnm fit`: text, columns, features, `fitTable`.
 */
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { fitTable, type ModelName, planOf } from "../../src/auto/index.ts";
import { findData } from "../../src/cli/data-folder.ts";
import { textTable } from "../../src/cli/table.ts";
import { countParameters } from "../../src/params.ts";
import { decodeOutputs, encodeInputs, encodeTarget, fitPreprocessing, textOfCell } from "../../src/table/index.ts";
import { tensor } from "../../src/tensor.ts";
import { predict, r2, rmse } from "../../src/train/index.ts";
import { type Split, type Task, tasks } from "./tables.ts";

const { values: options } = parseArgs({
  options: {
    data: { type: "string" },
    only: { type: "string" }, // parts of names, with commas between
    splits: { type: "string" }, // at most so many of each table's
    seconds: { type: "string", default: "50" },
    level: { type: "string" }, // a plan of so much work (0 is most), however long it takes: to compare recipes on a busy machine
    model: { type: "string", default: "gmnm" },
    json: { type: "string" },
  },
});

const only = options.only?.toLowerCase().split(",");
const chosen = tasks(findData(options.data)).filter(
  ({ name }) => !only || only.some((part) => name.toLowerCase().includes(part)),
);
const outcomes: Awaited<ReturnType<typeof judge>>[] = [];
for (const task of chosen) {
  const outcome = await judge(task);
  outcomes.push(outcome);
  const { name, measure, mean, linear, seconds, why } = outcome;
  console.error(`${name}: ${measure} ${show(mean)}, linear ${show(linear)}, ${seconds.toFixed(0)} s; ${why[0]}`);
  const { model, seconds: budget } = options;
  if (options.json) {
    writeFileSync(options.json, JSON.stringify({ model, budget, cores: availableParallelism(), outcomes }, null, 2));
  }
}
const rows = outcomes.map((one) => [
  one.name,
  one.measure,
  `${show(one.mean)} (${show(Math.min(...one.values))} to ${show(Math.max(...one.values))})`,
  show(one.linear),
  one.goal ? `${one.goal.atLeast ? "≥" : "≤"} ${one.goal.value}${one.met ? "" : " missed"}` : "",
  one.reference,
  one.seconds.toFixed(0),
  one.parameters.toFixed(0),
]);
console.log(
  textTable(["table", "measure", options.model, "linear", "goal", "GB, HistGB, RF", "seconds", "parameters"], rows),
);

/** Fits every split, and measures on its test rows. */
async function judge(task: Task) {
  const { name, measure, goal, reference } = task;
  const splits = Math.min(task.splits, Number(options.splits ?? task.splits));
  const found: Awaited<ReturnType<typeof judgeSplit>>[] = [];
  for (let i = 0; i < splits; i++) found.push(await judgeSplit(task, task.split(i), i));
  const meanOf = (of: (one: (typeof found)[0]) => number) => found.reduce((sum, one) => sum + of(one), 0) / splits;
  const mean = meanOf(({ value }) => value);
  return {
    ...{ name, measure, goal, reference, mean },
    met: !goal || (goal.atLeast ? mean >= goal.value : mean <= goal.value),
    values: found.map(({ value }) => value),
    linear: meanOf(({ linear }) => linear),
    seconds: meanOf(({ seconds }) => seconds),
    parameters: meanOf(({ parameters }) => parameters),
    why: found.map(({ why }) => why),
  };
}

async function judgeSplit({ kind, measure }: Task, { table, train, test }: Split, seed: number) {
  const target = table.columns.at(-1)!;
  const fitted = fitPreprocessing(table, { target: [target.name], task: kind, rows: train });
  const { preprocessing, rows } = fitted;
  const examples = {
    x: encodeInputs(table, preprocessing, rows),
    y: encodeTarget(table, preprocessing, rows),
  };
  const run = async (model: ModelName) => {
    const began = performance.now();
    const shape = { rows: rows.length, features: examples.x.shape[1], outputs: examples.y.shape[1] };
    // The linear model needs no search: what it is compared with must not depend on the time.
    const level = model === "linear" ? 1 : options.level && Number(options.level);
    const plan = typeof level === "number" ? planOf({ ...shape, task: kind, model, seed }, level) : undefined;
    const result = await fitTable(examples, { task: kind, model, timeBudget: Number(options.seconds), seed, plan });
    const seconds = (performance.now() - began) / 1000;
    const outputs = await predict(result.model, encodeInputs(table, preprocessing, test));
    const decoded = decodeOutputs(outputs, preprocessing.target);
    if (decoded.kind === "classes") {
      const right = decoded.labels.filter((label, i) => label === textOfCell(target, test[i])).length;
      return { ...result, seconds, value: right / test.length };
    }
    const truth = tensor(
      Array.from(test, (row) => target.values[row]),
      [test.length, 1],
    );
    const predicted = tensor(decoded.columns[0].values, truth.shape);
    return { ...result, seconds, value: (measure === "RMSE" ? rmse : r2)(predicted, truth) };
  };
  const { model, validation, seconds, value } = await run(options.model as ModelName);
  const linear = await run("linear");
  return { value, linear: linear.value, seconds, parameters: countParameters(model.params), why: validation.why };
}

function show(value: number): string {
  return Number.isFinite(value) ? value.toPrecision(3) : String(value);
}
