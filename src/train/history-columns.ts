import { GmnmError } from "../errors.ts";
import type { ExactTensor } from "../tensor.ts";
import type { EpochRecord } from "./run.ts";

/** What records hold beside the epoch, which is their place in the history. */
const COLUMNS = ["step", "loss", "validationLoss", "learningRate", "seconds"] as const satisfies (keyof EpochRecord)[];

/**
 * A history as float64 columns, (epochs) each. A quantity that some epochs do not have, such as the validation loss, is kept with the
 * epochs that have it: JSON, the other way to store records, has neither NaN nor infinities.
 */
export function historyColumns(history: readonly EpochRecord[]): [string, ExactTensor][] {
  return COLUMNS.flatMap((name): [string, ExactTensor][] => {
    const having = history.filter((record) => record[name] !== undefined);
    const column = (values: number[]) => ({ data: Float64Array.from(values), shape: [values.length] });
    return [
      [`${name}.epochs`, column(having.map(({ epoch }) => epoch))],
      [name, column(having.map((record) => record[name]!))],
    ];
  });
}

/**
 * The history that columns hold.
 * @throws GmnmError for columns that {@link historyColumns} does not make.
 */
export function historyOf(columns: ReadonlyMap<string, ExactTensor>): EpochRecord[] {
  const read = (name: string): Float64Array => {
    const found = columns.get(name);
    if (!(found?.data instanceof Float64Array)) throw new GmnmError(`the history has no float64 column "${name}"`);
    return found.data;
  };
  const length = read("step").length;
  const history = Array.from({ length }, (_, i) => ({ epoch: i + 1 }) as EpochRecord);
  for (const name of COLUMNS) {
    const [epochs, values] = [read(`${name}.epochs`), read(name)];
    if (
      epochs.length !== values.length ||
      !epochs.every((epoch, i) => Number.isInteger(epoch) && epoch > (i > 0 ? epochs[i - 1] : 0) && epoch <= length)
    )
      throw new GmnmError(`the history's column "${name}" does not fit its ${length} epochs`);
    for (const [i, epoch] of epochs.entries()) history[epoch - 1][name] = values[i];
  }
  if (["step", "loss", "seconds"].some((name) => read(name).length !== length))
    throw new GmnmError(`the history's columns do not all have ${length} epochs`);
  return history;
}
