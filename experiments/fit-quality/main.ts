/**
 * How good `fitTable` is with no option but the data: `node experiments/fit-quality/main.ts --data DIR`. The quality table of
 * docs/tables-quality.md.
 */
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { fitTable, type ModelName, planOf } from "../../src/auto/index.ts";
import { findData } from "../../src/cli/data-folder.ts";
import { textTable } from "../../src/cli/table.ts";
import { standardScaler } from "../../src/data/scaling.ts";
import { countParameters } from "../../src/params.ts";
import { type Tensor, takeRows, tensor } from "../../src/tensor.ts";
import { accuracy, predict, r2, rmse } from "../../src/train/index.ts";
import { type Split, type Task, tasks } from "./tables.ts";

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    only: { type: "string" },
    splits: { type: "string" },
    seconds: { type: "string", default: "50" },
    level: { type: "string" }, // a plan of so much work (0 is most), however long it takes: to compare recipes on a busy machine
    model: { type: "string", default: "gmnm" },
    json: { type: "string" },
  },
});

type Outcome = {
  task: string;
  measure: string;
  values: number[];
  mean: number;
  linear: number;
  goal?: string;
  reference: string;
  seconds: number;
  parameters: number;
  why: string[];
};

const only = values.only?.split(",");
const outcomes: Outcome[] = [];
for (const task of tasks(findData(values.data))) {
  if (only && !only.some((part) => task.name.toLowerCase().includes(part.toLowerCase()))) continue;
  const outcome = await judge(task, Math.min(task.splits, Number(values.splits ?? task.splits)));
  outcomes.push(outcome);
  const { mean, linear, seconds, why } = outcome;
  console.error(
    `${task.name}: ${task.measure} ${show(mean)}, linear ${show(linear)}, ${seconds.toFixed(0)} s; ${why[0]}`,
  );
  if (values.json)
    writeFileSync(
      values.json,
      JSON.stringify({ model: values.model, cores: availableParallelism(), outcomes }, null, 2),
    );
}
console.log(
  textTable(
    ["table", "measure", values.model, "linear", "goal", "others", "seconds", "parameters"],
    outcomes.map((one) => [
      one.task,
      one.measure,
      show(one.mean),
      show(one.linear),
      one.goal ?? "",
      one.reference,
      one.seconds.toFixed(0),
      one.parameters.toFixed(0),
    ]),
  ),
);

/** Fits every split, and measures on its test rows. */
async function judge(task: Task, splits: number): Promise<Outcome> {
  const found: { value: number; linear: number; seconds: number; parameters: number; why: string }[] = [];
  for (let i = 0; i < splits; i++) found.push(await judgeSplit(task, task.split(i), i));
  const mean = (of: (one: (typeof found)[0]) => number) => found.reduce((sum, one) => sum + of(one), 0) / splits;
  const { goal } = task;
  return {
    task: task.name,
    measure: task.measure,
    values: found.map(({ value }) => value),
    mean: mean(({ value }) => value),
    linear: mean(({ linear }) => linear),
    ...(goal && { goal: `${goal.atLeast ? "≥" : "≤"} ${goal.value}` }),
    reference: task.reference,
    seconds: mean(({ seconds }) => seconds),
    parameters: mean(({ parameters }) => parameters),
    why: found.map(({ why }) => why),
  };
}

async function judgeSplit({ kind, classes, measure }: Task, { features, target, train, test }: Split, seed: number) {
  const all = tensor(features.flat(), [features.length, features[0].length]);
  const x = takeRows(all, train);
  const scaler = standardScaler(x);
  const of = (rows: number[]): Tensor => {
    const numbers = rows.map((row) => target[row]);
    if (!classes) return tensor(numbers, [rows.length, 1]);
    return tensor(
      numbers.flatMap((own) => Array.from({ length: classes }, (_, c) => Number(c === own))),
      [rows.length, classes],
    );
  };
  const y = of(train);
  const targets = kind === "regression" ? standardScaler(y) : undefined;
  const examples = { x: scaler.apply(x), y: targets?.apply(y) ?? y };
  const metric = { RMSE: rmse, "R²": r2, accuracy }[measure];
  const fitted = async (model: ModelName) => {
    const began = performance.now();
    const [rows, features] = x.shape;
    const shape = { rows, features, outputs: y.shape[1] };
    const level = model === "linear" ? 3 : values.level && Number(values.level);
    const plan = typeof level === "number" ? planOf({ ...shape, task: kind, model, seed }, level) : undefined;
    const result = await fitTable(examples, { task: kind, model, timeBudget: Number(values.seconds), seed, plan });
    const seconds = (performance.now() - began) / 1000;
    const prediction = await predict(result.model, scaler.apply(takeRows(all, test)));
    return { ...result, seconds, value: metric(targets?.invert(prediction) ?? prediction, of(test)) };
  };
  const { model, validation, seconds, value } = await fitted(values.model as ModelName);
  const linear = await fitted("linear");
  return { value, linear: linear.value, seconds, parameters: countParameters(model.params), why: validation.why };
}

function show(value: number): string {
  return Number.isFinite(value) ? value.toPrecision(3) : String(value);
}
