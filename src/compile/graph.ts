/** Element types of graph values, by the names of jax-js; int64 appears only in shapes and indices that ONNX asks for. */
export type Dtype = "float32" | "float64" | "float16" | "int32" | "uint32" | "int64" | "bool";

/** Attributes of an ONNX operator: whole numbers, numbers, lists of whole numbers, text. */
export type Attributes = Readonly<Record<string, number | readonly number[] | string | { float: number }>>;

/** One tensor of the graph and the operator that makes it. Values are immutable and shared: the same computation is the same object. */
export interface Value {
  readonly id: number;
  /** ONNX operator, or "Input", "Constant" or "Place" (see {@link Graph.place}). */
  readonly op: string;
  readonly inputs: readonly Value[];
  readonly attributes: Attributes;
  readonly shape: readonly number[];
  readonly dtype: Dtype;
  /** Of a constant. */
  readonly data?: TypedData;
}

/** What constants hold. */
export type TypedData = Float32Array | Float64Array | Int32Array | Uint32Array | BigInt64Array | Uint8Array;

/** Operators whose operands may change places: sorted, equal computations are recognised as equal. */
const COMMUTATIVE = new Set(["Add", "Mul", "Max", "Min", "And", "Or", "Equal"]);

/** A graph under construction. Equal nodes are made once (common subexpressions), and what no output needs is never written. */
export class Graph {
  readonly #known = new Map<string, Value>();
  readonly inputs: Value[] = [];
  #next = 0;

  input(shape: readonly number[], dtype: Dtype): Value {
    const value = this.#make("Input", [], {}, shape, dtype);
    this.inputs.push(value);
    return value;
  }

  constant(data: TypedData, shape: readonly number[], dtype: Dtype): Value {
    if (data.length > 16) return this.#make("Constant", [], {}, shape, dtype, data);
    return this.#once(`${dtype}[${shape}]${data}`, () => this.#make("Constant", [], {}, shape, dtype, data));
  }

  /** A constant of shape (). */
  scalar(value: number, dtype: Dtype): Value {
    return this.constant(typed([value], dtype), [], dtype);
  }

  /** A list of whole numbers, as ONNX takes shapes, axes and indices. */
  list(numbers: readonly number[]): Value {
    return this.constant(BigInt64Array.from(numbers, BigInt), [numbers.length], "int64");
  }

  node(
    op: string,
    inputs: readonly Value[],
    shape: readonly number[],
    dtype: Dtype,
    attributes: Attributes = {},
  ): Value {
    if (inputs.length === 2 && inputs[0].id > inputs[1].id && COMMUTATIVE.has(op)) inputs = inputs.toReversed();
    const more = Object.keys(attributes).length > 0 ? JSON.stringify(attributes) : "";
    const key = `${op}(${inputs.map(({ id }) => id)})${more}[${shape}]`;
    return this.#once(key, () => this.#make(op, inputs, attributes, shape, dtype));
  }

  /** The same operator over other inputs of the same shapes. */
  again(value: Value, inputs: readonly Value[]): Value {
    if (inputs.every((input, i) => input === value.inputs[i])) return value;
    return this.node(value.op, inputs, value.shape, value.dtype, value.attributes);
  }

  #once(key: string, make: () => Value): Value {
    const known = this.#known.get(key);
    if (known) return known;
    const made = make();
    this.#known.set(key, made);
    return made;
  }

  #make(
    op: string,
    inputs: readonly Value[],
    attributes: Attributes,
    shape: readonly number[],
    dtype: Dtype,
    data?: TypedData,
  ): Value {
    return { id: this.#next++, op, inputs, attributes, shape, dtype, ...(data && { data }) };
  }
}

/** Whether the value is a product of matrices. */
export const isProduct = ({ op }: Value): boolean => op === "Gemm" || op === "MatMul";

/** Numbers as the typed array of an element type; bool is one byte per element, as in ONNX. */
export function typed(numbers: readonly number[], dtype: Dtype): TypedData {
  switch (dtype) {
    case "float32":
      return Float32Array.from(numbers);
    case "float64":
      return Float64Array.from(numbers);
    case "int32":
      return Int32Array.from(numbers);
    case "uint32":
      return Uint32Array.from(numbers);
    case "int64":
      return BigInt64Array.from(numbers, BigInt);
    case "bool":
      return Uint8Array.from(numbers);
    case "float16":
      throw new Error("float16 constants are not supported");
  }
}

/** Every value that the outputs need, each after its inputs. */
export function liveValues(
  outputs: readonly Value[],
  inputsOf: (value: Value) => readonly Value[] = ({ inputs }) => inputs,
): Value[] {
  const order: Value[] = [];
  /** Whether a value that was met has been put in order. */
  const ordered = new Map<Value, boolean>();
  // Without recursion: an unrolled LSTM is thousands of operators deep.
  const stack = outputs.toReversed();
  while (stack.length > 0) {
    const value = stack[stack.length - 1];
    if (ordered.has(value)) {
      stack.pop();
      if (!ordered.get(value)) order.push(value);
      ordered.set(value, true);
      continue;
    }
    ordered.set(value, false);
    const inputs = inputsOf(value);
    for (let i = inputs.length - 1; i >= 0; i--) if (!ordered.has(inputs[i])) stack.push(inputs[i]);
  }
  return order;
}
