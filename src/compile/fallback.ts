import type { ParamTensors } from "../params.ts";
import type { Batch, CompiledFunction, CompiledStep } from "./compile.ts";
import type { HostBatch } from "./host-batch.ts";
import { NotLowerable } from "./lower/rules.ts";
import type { NativeStep } from "./native-step.ts";
import { RuntimeRefusal } from "./session.ts";

const said = new Set<string>();

/** One line on stderr, once per process. */
export function sayOnce(line: string): void {
  if (said.has(line)) return;
  said.add(line);
  console.warn(line);
}

/** Says why the fallback runs when it is the native executor that cannot; the errors of the function itself go through. */
function explain(error: unknown): void {
  if (!(error instanceof NotLowerable || error instanceof RuntimeRefusal)) throw error;
  sayOnce(`${error.message}; running on wasm`);
}

/** A native step that is replaced by another at its first run if it cannot be lowered. */
export function stepWithFallback<M extends string>(
  native: NativeStep<M>,
  fallback: (params: ParamTensors) => CompiledStep<M>,
): CompiledStep<M> {
  let step: CompiledStep<M> = native;
  let prepared = false;
  return {
    upload: (batch) => native.upload(batch),
    async run(batch, scalars) {
      if (!prepared) {
        try {
          await native.prepare(batch as HostBatch, scalars);
        } catch (error) {
          explain(error);
          // What was updated before the first run is in the native one.
          step = fallback(await native.read());
        }
        prepared = true;
      }
      if (step === native) return native.run(batch, scalars);
      // The owner of the batch only knows of the native one, so the fallback's copy lives for one step.
      const copy = step.upload((batch as HostBatch).tensors);
      try {
        return await step.run(copy, scalars);
      } finally {
        copy.dispose();
      }
    },
    read: () => step.read(),
    readState: () => step.readState(),
    update: (change) => step.update(change),
    dispose: () => step.dispose(),
  };
}

const isHostBatch = (arg: ParamTensors | Batch): arg is HostBatch => "tensors" in arg && "leaves" in arg;

/** The same for a function. */
export function functionWithFallback(native: CompiledFunction, fallback: () => CompiledFunction): CompiledFunction {
  let replaced: CompiledFunction | undefined;
  const call = async (...args: (ParamTensors | Batch)[]) => {
    if (!replaced) {
      try {
        return await native(...args);
      } catch (error) {
        explain(error);
        replaced = fallback();
      }
    }
    return replaced(...args.map((arg) => (isHostBatch(arg) ? arg.tensors : arg)));
  };
  return Object.assign(call, {
    upload: native.upload,
    dispose() {
      native.dispose();
      replaced?.dispose();
    },
  });
}
