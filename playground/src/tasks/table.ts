// The user's own table: some columns to learn another from.
import { type Choice, type Column, MAX_CLASSES, type Table, TableError } from "../csv/table.ts";
import { Random, type Tensor } from "../gmnm.ts";
import type { State } from "../state/state.ts";
import { type Axis, type Problem, pointsOf, rangeOf, type View } from "./problem.ts";

/** Rows held out to judge by, as a share. */
const HELD_OUT = 0.2;
const [FULL_BATCH_ROWS, BATCH_ROWS] = [1024, 256];

type Encoded = { names: string[]; means: number[]; stds: number[]; values: Float64Array[] };

/** Features standardised, words as zeros and ones; a target of numbers standardised, of words as classes. @throws TableError */
export function tableProblem(state: State, table: Table, choice: Choice): Problem {
  const find = (name: string): Column => {
    const column = table.columns.find((each) => each.name === name);
    if (!column) throw new TableError(`${table.name} has no column ${name}`);
    return column;
  };
  const target = find(choice.target);
  const features = choice.features.filter((name) => name !== choice.target).map(find);
  if (features.length === 0) throw new TableError(`choose at least one column to learn ${choice.target} from`);
  const order = new Random(state.seed).permutation(table.rows);
  const held = Math.max(1, Math.round(HELD_OUT * table.rows));
  const [testRows, trainRows] = [order.subarray(0, held), order.subarray(held)];
  const inputs = standardised(features.map(numbersOf), trainRows);
  const [x, testX] = [trainRows, testRows].map((rows) => gather(inputs.values, rows));
  const goal = target.kind === "words" ? classesOf(target) : undefined;
  const outputs = goal ? undefined : standardised([numbersOf(target)], trainRows);
  const columns = goal ? goal.columns : outputs!.values;
  const [y, testY] = [trainRows, testRows].map((rows) => gather(columns, rows));
  return {
    inFeatures: inputs.values.length,
    outFeatures: columns.length,
    loss: goal ? (goal.columns.length === 1 ? "logistic" : "crossEntropy") : "mse",
    data: { x, y },
    sample: x,
    ...(trainRows.length > FULL_BATCH_ROWS && state.optimizer === "adam" && { batchSize: BATCH_ROWS }),
    test: { x: testX, y: testY },
    view: viewOf(target, inputs, { x, y, testY }, goal?.words, outputs),
  };
}

/** A column as columns of numbers: words one by one, the last following from the others where there are two. */
function numbersOf(column: Column): { name: string; values: Float64Array }[] {
  if (column.kind === "numbers") return [column];
  const { words, values } = column;
  const kept = words.length === 2 ? words.slice(1) : words;
  return kept.map((word) => ({
    name: `${column.name} = ${word}`,
    values: Float64Array.from(values, (index) => Number(words[index] === word)),
  }));
}

function classesOf(column: Column & { kind: "words" }): { words: string[]; columns: Float64Array[] } {
  const { words, values, name } = column;
  if (words.length < 2 || words.length > MAX_CLASSES)
    throw new TableError(`${name} has ${words.length} different words; classes to tell apart are 2 to ${MAX_CLASSES}`);
  if (words.length === 2) return { words, columns: [Float64Array.from(values)] };
  return { words, columns: words.map((_, k) => Float64Array.from(values, (index) => Number(index === k))) };
}

function standardised(columns: { name: string; values: Float64Array }[][], rows: Uint32Array): Encoded {
  const flat = columns.flat();
  const encoded: Encoded = { names: flat.map(({ name }) => name), means: [], stds: [], values: [] };
  for (const { values } of flat) {
    const mean = rows.reduce((sum, row) => sum + values[row], 0) / rows.length;
    const variance = rows.reduce((sum, row) => sum + (values[row] - mean) ** 2, 0) / rows.length;
    const std = Math.sqrt(variance) || 1;
    encoded.means.push(mean);
    encoded.stds.push(std);
    encoded.values.push(values.map((value) => (value - mean) / std));
  }
  return encoded;
}

function gather(columns: Float64Array[], rows: Uint32Array): Tensor {
  const data = new Float32Array(rows.length * columns.length);
  rows.forEach((row, i) => {
    for (let j = 0; j < columns.length; j++) data[i * columns.length + j] = columns[j][row];
  });
  return { data, shape: [rows.length, columns.length] };
}

/** One or two features can be drawn; of more, only what was said of rows. */
function viewOf(
  target: Column,
  { names, means, stds }: Encoded,
  { x, y, testY }: { x: Tensor; y: Tensor; testY: Tensor },
  words: string[] | undefined,
  outputs: Encoded | undefined,
): View {
  const axisOf = (j: number): Axis => {
    const [low, high] = rangeOf(x.data.filter((_, i) => i % names.length === j));
    const margin = 0.05 * (high - low);
    return { name: names[j], low: low - margin, high: high + margin, mean: means[j], std: stds[j] };
  };
  const value = (): Axis => {
    const [low, high] = rangeOf(y.data);
    return { name: target.name, low, high, mean: outputs!.means[0], std: outputs!.stds[0] };
  };
  const classes = words?.length === 2 ? (words as [string, string]) : undefined;
  if (names.length === 2 && (classes || !words)) {
    return {
      kind: "plane",
      axes: [axisOf(0), axisOf(1)],
      range: classes ? [-1, 1] : rangeOf(y.data),
      points: pointsOf(x, (row) => (classes ? 2 * y.data[row] - 1 : y.data[row])),
      ...(classes ? { classes } : { value: value() }),
    };
  }
  if (names.length === 1 && !words) {
    return {
      kind: "line",
      axis: axisOf(0),
      range: rangeOf(y.data),
      points: pointsOf(x, (row) => y.data[row]),
      value: value(),
    };
  }
  return {
    kind: "rows",
    target: target.name,
    truth: testY.data,
    ...(words && { classes: words }),
    mean: outputs?.means[0] ?? 0,
    std: outputs?.stds[0] ?? 1,
  };
}
