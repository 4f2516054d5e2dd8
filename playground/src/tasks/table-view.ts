// What there is to see of a table: its columns as axes in the user's units.
import { widthOf, writeValue } from "../../../src/table/encode.ts";
import type { Input, Preprocessing, Target } from "../../../src/table/preprocessing.ts";
import { signedExp } from "../../../src/table/statistics.ts";
import type { Tensor } from "../gmnm.ts";
import { type Axis, gridOf, pointsOf, rangeOf, type View } from "./problem.ts";

type Column = Exclude<Input, { kind: "category" }> | (Target & { kind: "numbers" })["columns"][number];

/** Column j of what models see as an axis, in the user's units. */
function axisOf(column: Column, { data, shape: [, width] }: Tensor, j: number): Axis {
  const [low, high] = rangeOf(data.filter((_, i) => i % width === j));
  const { name, center: mean, scale: std } = column;
  const scale = "cycles" in column ? "date" : column.transform === "signedLog" ? "signedLog" : "plain";
  return { name, low, high, mean, std, scale };
}

const widened = ({ low, high, ...axis }: Axis): Axis => {
  const margin = 0.05 * (high - low);
  return { ...axis, low: low - margin, high: high + margin };
};

/** What a picture has axes for. */
const drawable = (inputs: readonly Input[]) => inputs.filter((input) => input.kind !== "category");

/** Of one or two numbers or dates there is a picture, of all else only what was said of rows. */
export function viewOf(
  { inputs, target }: Preprocessing,
  { x, y, testY }: { x: Tensor; y: Tensor; testY: Tensor },
): View {
  const classes = target.kind === "classes" ? target.classes : undefined;
  const value = target.kind === "numbers" ? axisOf(target.columns[0], y, 0) : undefined;
  const drawn = drawable(inputs);
  const places = drawn.map((_, j) => inputs.slice(0, j).reduce((sum, input) => sum + widthOf(input), 0));
  const axes = drawn.map((input, j) => widened(axisOf(input, x, places[j])));
  const points = (label: (row: number) => number) => pointsOf(columnsOf(x, places), label);
  if (inputs.length === 2 && axes.length === 2 && (value || classes?.length === 2)) {
    return {
      kind: "plane",
      axes: axes as [Axis, Axis],
      range: value ? [value.low, value.high] : [-1, 1],
      points: points((row) => (value ? y.data[row] : 2 * y.data[2 * row + 1] - 1)),
      ...(value ? { value } : { classes: classes as [string, string] }),
    };
  }
  if (inputs.length === 1 && axes.length === 1 && value) {
    const range = [value.low, value.high] as const;
    return { kind: "line", axis: axes[0], range, points: points((row) => y.data[row]), value };
  }
  return { kind: "rows", truth: testY.data, ...(classes ? { classes } : { value }) };
}

/** Some columns of a tensor (rows, width) → (rows, places). */
function columnsOf({ data, shape: [rows, width] }: Tensor, places: readonly number[]): Tensor {
  const d = places.length;
  const chosen = Float32Array.from({ length: rows * d }, (_, i) => data[Math.floor(i / d) * width + places[i % d]]);
  return { data: chosen, shape: [rows, d] };
}

/** The nodes of the view with all features that their values make; none for views without a grid. */
export function gridFor({ inputs }: Preprocessing, view: View): Tensor | undefined {
  const nodes = gridOf(view); // (nodes, inputs)
  if (!nodes) return undefined;
  const [count, d] = nodes.shape;
  const width = inputs.reduce((sum, input) => sum + widthOf(input), 0);
  const data = new Float32Array(count * width);
  for (let i = 0; i < count; i++) {
    let at = i * width;
    drawable(inputs).forEach((input, j) => {
      writeValue(input, valueAt(input, nodes.data[i * d + j]), data, at);
      at += widthOf(input);
    });
  }
  return { data, shape: [count, width] };
}

/** The value in the user's table that a place on an axis stands for. */
function valueAt(input: Exclude<Input, { kind: "category" }>, place: number): number {
  const inside = input.center + input.scale * place;
  return input.kind === "number" && input.transform === "signedLog" ? signedExp(inside) : inside;
}
