// Runs compiled graphs with ONNX Runtime. Loaded only where it is wanted: the package is optional, and a browser has none.
import { tree } from "@jax-js/jax";
import type * as Ort from "onnxruntime-node";
import { GmnmError } from "../errors.ts";
import type { Params } from "../nn/layer.ts";
import { mapTensors, namedTensors, type ParamTensors, placeParams, readParams } from "../params.ts";
import { sizeOf, type Tensor } from "../tensor.ts";
import type { Batch, CompiledFunction, CompiledStep, Scalars, Step, StepStart } from "./compile.ts";
import { buildProgram, type Program } from "./program.ts";

/** ONNX Runtime and the number of threads that one session may use. */
export type Runtime = { readonly ort: typeof Ort; readonly threads: number };

/** ONNX Runtime for Node; undefined where the optional package is not installed or does not run on this machine. */
export async function loadRuntime(): Promise<typeof Ort | undefined> {
  // A variable, so that bundlers for the browser do not follow it.
  const name = "onnxruntime-node";
  try {
    return (await import(/* @vite-ignore */ name)) as typeof Ort;
  } catch {
    return undefined;
  }
}

type Float32Tensor = Ort.TypedTensor<"float32">;

/** A batch in ordinary memory, which is where ONNX Runtime computes. */
export class HostBatch implements Batch {
  readonly tensors: ParamTensors;
  readonly leaves: readonly Float32Tensor[];
  /** The shapes of the leaves: what a program is compiled for. */
  readonly shapes: string;
  constructor({ ort }: Runtime, tensors: ParamTensors) {
    this.tensors = tensors;
    this.leaves = leavesOf(tensors).map((leaf) => ortTensor(ort, leaf));
    this.shapes = this.leaves.map(({ dims }) => `(${dims})`).join("");
  }
  dispose(): void {}
}

const leavesOf = (params: ParamTensors): Tensor[] => namedTensors(params).map(([, leaf]) => leaf);
const ortTensor = (ort: typeof Ort, { data, shape }: Tensor): Float32Tensor => new ort.Tensor("float32", data, shape);
const empty = (shape: readonly number[]): Tensor => ({ data: new Float32Array(sizeOf(shape)), shape });

/** A tree of an example's form with copies of the numbers of tensors in order. */
function copyOf(example: ParamTensors, tensors: readonly Float32Tensor[]): ParamTensors {
  let next = 0;
  return mapTensors(example, ({ shape }) => ({ data: tensors[next++].data.slice(), shape })) as ParamTensors;
}

/** ONNX Runtime does not take a model, such as for an operator that it does not have for an element type. */
export class RuntimeRefusal extends GmnmError {}

/** A program in a session of ONNX Runtime. */
class Session {
  readonly program: Program;
  readonly #session: Ort.InferenceSession;

  private constructor(program: Program, session: Ort.InferenceSession) {
    this.program = program;
    this.#session = session;
  }

  static async start({ ort, threads }: Runtime, program: Program): Promise<Session> {
    const session = await ort.InferenceSession.create(program.model, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: "sequential",
      logSeverityLevel: 4,
    }).catch((cause: Error) => {
      throw new RuntimeRefusal(`ONNX Runtime refuses the compiled function: ${cause.message.split("\n")[0]}`, {
        cause,
      });
    });
    return new Session(program, session);
  }

  /** Computes results into the given tensors. */
  async run(inputs: readonly Ort.Tensor[], results: readonly Ort.Tensor[]): Promise<void> {
    const feeds: Record<string, Ort.Tensor> = {};
    for (const { name, position } of this.program.inputs) feeds[name] = inputs[position];
    const fetches: Record<string, Ort.Tensor> = {};
    for (const [i, { name }] of this.program.outputs.entries()) fetches[name] = results[i];
    await this.#session.run(feeds, fetches);
  }

  dispose = (): Promise<void> => this.#session.release();
}

/** A step run by ONNX Runtime. Parameters and state change places with spare tensors of their size at every step. */
export class NativeStep<M extends string> implements CompiledStep<M> {
  readonly #runtime: Runtime;
  readonly #step: Step<M>;
  readonly #params: ParamTensors;
  readonly #state: ParamTensors;
  #current: Float32Tensor[];
  #spare: Float32Tensor[];
  #session: { key: string; session: Session; metrics: [M, Float32Tensor][] } | undefined;

  constructor(runtime: Runtime, step: Step<M>, start: StepStart) {
    this.#runtime = runtime;
    this.#step = step;
    this.#params = start.params;
    const state = start.state(placeParams(start.params));
    this.#state = readParams(state);
    tree.dispose(state);
    const { ort } = runtime;
    const leaves = [...leavesOf(this.#params), ...leavesOf(this.#state)];
    this.#current = leaves.map(({ data, shape }) => ortTensor(ort, { data: data.slice(), shape }));
    this.#spare = leaves.map(({ shape }) => ortTensor(ort, empty(shape)));
  }

  upload = (batch: ParamTensors): HostBatch => new HostBatch(this.#runtime, batch);

  /** Compiles for the shapes of a batch and the names of scalars. */
  async prepare(batch: HostBatch, scalars: Scalars) {
    const key = `${batch.shapes}${Object.keys(scalars)}`;
    if (this.#session?.key === key) return this.#session;
    const scalarTensors = Object.fromEntries(Object.keys(scalars).map((name) => [name, empty([])]));
    const program = buildProgram(this.#step, [this.#params, this.#state, batch.tensors, scalarTensors]);
    const session = await Session.start(this.#runtime, program);
    this.#session?.session.dispose();
    const [, , named] = program.unflatten(program.outputs.map(({ shape }) => empty(shape))) as [
      unknown,
      unknown,
      Record<M, Tensor>,
    ];
    const metrics = Object.entries<Tensor>(named).map(([name, leaf]): [M, Float32Tensor] => [
      name as M,
      ortTensor(this.#runtime.ort, leaf),
    ]);
    this.#session = { key, session, metrics };
    return this.#session;
  }

  async run(batch: Batch, scalars: Scalars): Promise<Record<M, number>> {
    const { leaves } = batch as HostBatch;
    const { session, metrics } = await this.prepare(batch as HostBatch, scalars);
    const { ort } = this.#runtime;
    const numbers = Object.values(scalars).map((value) => new ort.Tensor("float32", [value], []));
    await session.run([...this.#current, ...leaves, ...numbers], [...this.#spare, ...metrics.map(([, one]) => one)]);
    const found = Object.fromEntries(metrics.map(([name, { data }]) => [name, data[0]])) as Record<M, number>;
    if (Object.values<number>(found).every(Number.isFinite)) {
      [this.#current, this.#spare] = [this.#spare, this.#current];
    }
    return found;
  }

  read = async (): Promise<ParamTensors> => copyOf(this.#params, this.#current);

  readState = async (): Promise<ParamTensors> =>
    copyOf(this.#state, this.#current.slice(leavesOf(this.#params).length));

  async update(change: (params: Params) => Params): Promise<void> {
    const changed = change(placeParams(await this.read()));
    const leaves = leavesOf(readParams(changed));
    tree.dispose(changed);
    for (const [i, leaf] of leaves.entries()) this.#current[i].data.set(leaf.data);
  }

  dispose(): void {
    this.#session?.session.dispose();
  }
}

/** A function run by ONNX Runtime, compiled once for every combination of shapes it is called with. */
export function nativeFunction(runtime: Runtime, fn: (...args: never[]) => Params): CompiledFunction {
  const sessions = new Map<string, Promise<Session>>();
  const call = async (...args: (ParamTensors | Batch)[]) => {
    const batches = args.map((arg) => (arg instanceof HostBatch ? arg : new HostBatch(runtime, arg as ParamTensors)));
    const key = batches.map(({ shapes }) => shapes).join(";");
    const program = () =>
      buildProgram(
        fn,
        batches.map(({ tensors }) => tensors),
      );
    const known = sessions.get(key) ?? Session.start(runtime, program());
    sessions.set(key, known);
    known.catch(() => sessions.delete(key));
    const session = await known;
    const results = session.program.outputs.map(({ shape }) => empty(shape));
    await session.run(
      batches.flatMap(({ leaves }) => leaves),
      results.map((leaf) => ortTensor(runtime.ort, leaf)),
    );
    return session.program.unflatten(results) as ParamTensors;
  };
  return Object.assign(call, {
    upload: (tensors: ParamTensors) => new HostBatch(runtime, tensors),
    dispose: async () => {
      for (const session of sessions.values()) await (await session).dispose();
    },
  });
}
