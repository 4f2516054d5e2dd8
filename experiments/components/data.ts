import { sampleFunction, targetFunctions } from "../../src/data/functions.ts";
import { standardScaler } from "../../src/data/scaling.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, takeRows, tensor } from "../../src/tensor.ts";
import { readTable } from "../tabular/data.ts";

/** Examples of one kind each. */
export type Part = { x: Tensor; y: Tensor };
export type Parts = { train: Part; validation: Part; test: Part };

const ROWS = 1000;

/** A function by 1000 points for each part, or a table, standardised, a tenth of whose training rows validates. */
export function partsOf(task: string, seed: number, data: string | undefined): Parts {
  if (Object.hasOwn(targetFunctions, task)) {
    const points = (part: number) => sampleFunction(targetFunctions[task], ROWS, 1000 * seed + part);
    return { train: points(1), validation: points(2), test: points(3) };
  }
  const { features, target, splits } = readTable(task, data);
  const split = splits[seed % splits.length];
  const order = new Random(seed).permutation(split.train.length);
  const held = Math.round(split.train.length / 10);
  const rows = Array.from(order, (i) => split.train[i]);
  const x = tensor(features.flat(), [features.length, features[0].length]);
  const y = tensor(target, [target.length, 1]);
  const scaleX = standardScaler(takeRows(x, rows.slice(held)));
  const scaleY = standardScaler(takeRows(y, rows.slice(held)));
  const part = (which: number[]) => ({ x: scaleX.apply(takeRows(x, which)), y: scaleY.apply(takeRows(y, which)) });
  return { train: part(rows.slice(held)), validation: part(rows.slice(0, held)), test: part(split.test) };
}
