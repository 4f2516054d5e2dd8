// Compiled programs in ONNX Runtime. Loaded only where it is wanted: the package is optional, and a browser has none. Without jax-js: threads that
// compute shards load it, too.
import type * as Ort from "onnxruntime-node";
import { GmnmError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import { type CompiledLoop, compileLoops } from "./loops.ts";
import type { ModelAndLoops, Target } from "./program.ts";
import { product } from "./view.ts";
import { isSmallWork } from "./work.ts";

/** ONNX Runtime, the number of threads that one session may use, and what programs are compiled for. */
export type Runtime = { readonly ort: typeof Ort; readonly threads: number; readonly target: Target };

/** ONNX Runtime for Node; undefined where the optional package is not installed or does not run on this machine. */
export async function loadRuntime(): Promise<typeof Ort | undefined> {
  // Unless told not to, it reports to Microsoft what it runs, from a database under ~/.cache. A worker thread cannot tell it: there the process's own
  // environment decides.
  process.env.ORT_DISABLE_TELEMETRY ??= "1";
  // A variable, so that bundlers for the browser do not follow it.
  const name = "onnxruntime-node";
  try {
    return (await import(/* @vite-ignore */ name)) as typeof Ort;
  } catch {
    return undefined;
  }
}

export type Float32Tensor = Ort.TypedTensor<"float32">;

export const ortTensor = (ort: typeof Ort, { data, shape }: Tensor): Float32Tensor =>
  new ort.Tensor("float32", data, shape);

/** A tensor of zeros. */
export const zeroTensor = (ort: typeof Ort, shape: readonly number[]): Float32Tensor =>
  ortTensor(ort, { data: new Float32Array(product(shape)), shape });

/** ONNX Runtime does not take a model, such as for an operator that it does not have for an element type. */
export class RuntimeRefusal extends GmnmError {}

const createSession = ({ ort, threads }: Runtime, { model, work }: ModelAndLoops): Promise<Ort.InferenceSession> =>
  ort.InferenceSession.create(model, {
    intraOpNumThreads: isSmallWork(work) ? 1 : threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    // What it would find to improve has been done (see passes), and to look for it takes a third of the time to start a long program.
    graphOptimizationLevel: "disabled",
    logSeverityLevel: 4,
  }).catch((cause: Error) => {
    throw new RuntimeRefusal(`ONNX Runtime refuses the compiled function: ${cause.message.split("\n")[0]}`, { cause });
  });

/** A program in a session of ONNX Runtime, and its loops. */
export class Session<P extends ModelAndLoops = ModelAndLoops> {
  readonly program: P;
  /** None where loops do everything: ONNX Runtime does not take an empty model. */
  readonly #session: Ort.InferenceSession | undefined;
  readonly #loops: readonly CompiledLoop[];

  private constructor(program: P, session: Ort.InferenceSession | undefined, loops: readonly CompiledLoop[]) {
    this.program = program;
    this.#session = session;
    this.#loops = loops;
  }

  /** @param memory - where the slots lie; a program with loops needs one. */
  static async start<P extends ModelAndLoops>(
    runtime: Runtime,
    program: P,
    memory?: WebAssembly.Memory,
  ): Promise<Session<P>> {
    const session = program.made.length > 0 ? await createSession(runtime, program) : undefined;
    const loops = program.loops.map(({ loop }) => loop);
    return new Session(program, session, memory ? compileLoops(loops, memory) : []);
  }

  /** Computes everything into the slots. */
  async run(inputs: readonly Ort.Tensor[], slots: readonly Float32Tensor[]): Promise<void> {
    const feeds: Record<string, Ort.Tensor> = {};
    for (const { name, position } of this.program.inputs) feeds[name] = inputs[position];
    const fetches: Record<string, Ort.Tensor> = {};
    for (const { name, slot } of this.program.made) fetches[name] = slots[slot];
    await this.#write(feeds, fetches);
    for (const [i, { length, slots: places }] of this.program.loops.entries())
      this.#loops[i](length, ...places.map((slot) => slots[slot].data.byteOffset));
  }

  /**
   * onnxruntime-node copies every result into a new array, even one that it has written where it was told to: garbage of several times a step's
   * own time. It stops with an exception at a result that is no tensor, when all are written; so a program with large results has one, as its first.
   */
  async #write(feeds: Record<string, Ort.Tensor>, fetches: Record<string, Ort.Tensor>): Promise<void> {
    const { end } = this.program;
    try {
      await this.#session?.run(feeds, end ? { ...fetches, [end]: null } : fetches);
    } catch (error) {
      if (!end || !(error as Error).message.startsWith("Non tensor type")) throw error;
    }
  }

  async dispose(): Promise<void> {
    await this.#session?.release();
  }
}
