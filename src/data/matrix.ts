import { GmnmError } from "../errors.ts";
import type { LayerConfig } from "../nn/layer.ts";
import { type Tensor, tensor } from "../tensor.ts";

/** What users have: rows of numbers, a flat typed array with one row after another, or a tensor. */
export type MatrixLike = Tensor | ArrayLike<number> | readonly ArrayLike<number>[];

const isTensor = (values: MatrixLike): values is Tensor => "shape" in values && "data" in values;

/**
 * Rows of numbers as a tensor (rows, columns).
 * @throws GmnmError when a row is ragged or a flat array is not a whole number of rows.
 */
export function toMatrix(name: string, values: MatrixLike, size: { rows?: number; columns?: number }): Tensor {
  if (isTensor(values)) return tensor(values.data, values.shape);
  if (values.length === 0) throw new GmnmError(`${name} has no rows`);
  if (typeof values[0] === "object") return fromRows(name, values as readonly ArrayLike<number>[], size.columns);
  const flat = values as ArrayLike<number>;
  const columns = size.columns ?? (size.rows ? flat.length / size.rows : undefined);
  if (columns === undefined)
    throw new GmnmError(`${name} is a flat array; give its shape with tensor(${name}, [rows, columns])`);
  const rows = flat.length / columns;
  if (!Number.isInteger(rows) || !Number.isInteger(columns)) {
    const per = size.columns ? `rows of ${columns} numbers` : `${size.rows} rows`;
    throw new GmnmError(`${name} has ${flat.length} numbers, which do not make ${per}`);
  }
  return tensor(flat, [rows, columns]);
}

function fromRows(name: string, rows: readonly ArrayLike<number>[], expected?: number): Tensor {
  const lengths = rows.map((row) => row?.length ?? 0);
  const columns = lengths[0];
  const ragged = lengths.findIndex((length) => length !== columns);
  if (ragged >= 0) {
    throw new GmnmError(`row ${ragged} of ${name} has ${lengths[ragged]} numbers, the rows before it have ${columns}`);
  }
  if (columns !== (expected ?? columns)) {
    throw new GmnmError(`rows of ${name} have ${columns} numbers, expected ${expected}`);
  }
  const data = new Float32Array(rows.length * columns);
  rows.forEach((row, i) => {
    data.set(row, i * columns);
  });
  return tensor(data, [rows.length, columns]);
}

/** Number of input features a layer expects, read from its config; undefined when the layer takes any. */
export function inFeaturesOf(config: LayerConfig): number | undefined {
  const own = config.inFeatures ?? config.features ?? config.channels;
  if (typeof own === "number") return own;
  const inner = Array.isArray(config.layers) ? config.layers : config.layer ? [config.layer] : [];
  for (const layer of inner as LayerConfig[]) {
    const features = inFeaturesOf(layer);
    if (features !== undefined) return features;
  }
  return undefined;
}
