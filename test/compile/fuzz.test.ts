import { grad, jit, jvp, numpy as np, tree } from "@jax-js/jax";
import fc from "fast-check";
import { compileFunction } from "../../src/compile/compile.ts";
import { onDevice } from "../../src/compile/executor.ts";
import type { Params } from "../../src/nn/layer.ts";
import { namedArrays, namedTensors, type ParamTensors } from "../../src/params.ts";
import { tensor } from "../../src/tensor.ts";
import { nativeTest } from "./native.ts";
import { inputNumbers, type RandomProgram, randomPrograms, runProgram, weightedSum } from "./random/programs.ts";

/** Results, gradients of a weighted sum of them, and its derivative along a direction. */
const everything = (program: RandomProgram) => (inputs: np.Array[]) => {
  const results = runProgram(program, inputs);
  const loss = (xs: np.Array[]) => {
    const sum = weightedSum(runProgram(program, xs));
    tree.dispose(xs);
    return sum;
  };
  const gradients = grad(loss)(tree.ref(inputs)) as np.Array[];
  const directions = inputs.map((x) => np.cos(x.ref));
  const [value, slope] = jvp((...xs: np.Array[]) => loss(xs), inputs, directions) as [np.Array, np.Array];
  value.dispose();
  return { results, gradients, slope };
};

/** By ONNX Runtime, in float32. */
async function natively(program: RandomProgram) {
  const inputs = program.inputs.map((shape, i) => tensor(inputNumbers(shape, i), shape));
  const compiled = await compileFunction(everything(program) as never as (x: never) => Params, { executor: "native" });
  try {
    return namedTensors((await compiled(inputs)) as ParamTensors);
  } finally {
    compiled.dispose();
  }
}

/** In jax-js, in float64: operation by operation, or compiled. */
const exactly = (program: RandomProgram, how: "eager" | "jit") =>
  onDevice("cpu", () => {
    const inputs = program.inputs.map((shape, i) => {
      // One number more: jax-js takes an array of one element for a constant, and 0.1.25 loses the zeros around a padded constant.
      const numbers = [...inputNumbers(shape, i), 0];
      return np
        .array(Float64Array.from(numbers), { dtype: np.float64 })
        .slice([0, numbers.length - 1])
        .reshape(shape);
    });
    const run = how === "jit" ? jit(everything(program)) : everything(program);
    return namedArrays(run(inputs) as Params).map(([path, array]): Result => {
      const shape = array.shape;
      return [path, { shape, data: array.dataSync() as Float64Array }];
    });
  });

type Result = [path: string, tensor: { shape: readonly number[]; data: Float32Array | Float64Array }];

/** Paths of the results that differ by more than rounding. */
function differences(actual: readonly Result[], expected: readonly Result[]): string[] {
  const largest = Math.max(...expected.flatMap(([, { data }]) => [...data].map(Math.abs)));
  return expected.flatMap(([path, { shape, data }], i) => {
    const [actualPath, found] = actual[i];
    // What cancels to nothing is only as exact as what it was made of.
    const size = Math.max(...[...data].map(Math.abs), 0.05 * largest);
    const error = Math.max(...[...data].map((value, k) => Math.abs(value - found.data[k])));
    const same = path === actualPath && String(shape) === String(found.shape) && error <= 1e-4 * size;
    return same ? [] : [`${path}: (${found.shape}) ${found.data} instead of (${shape}) ${data}`];
  });
}

const step = (name: string, ...picks: number[]) => ({ name, picks });
/** Programs that were once compiled wrongly and are not drawn again soon. */
const mended: [RandomProgram][] = [
  // Two numbers times an array, one of them stored with more dimensions than the product has.
  [
    {
      inputs: [[2]],
      operations: [
        step("split", 0, 0, 0, 0, 0, 0),
        step("einsum", 2, 0, 0, 0, 0, 0, 0),
        step("broadcast", 0, 0, 0, 0, 0, 0),
        step("einsum", 51, 0, 0, 0, 0, 0),
      ],
    },
  ],
  // jax-js makes the gradient a bool.
  [
    {
      inputs: [[]],
      operations: [step("maskOut", 0, 0, 0, 0, 0, 2, 0, 0), step("add", 0, 0, 0, 0, 0, 0)],
    },
  ],
];

// To hunt: RUNS=5000 npx vitest run test/compile/fuzz.test.ts --testTimeout 1000000
const RUNS = Number(process.env.RUNS ?? 150);

nativeTest("random programs: values and derivatives are those of jax-js in float64", async () => {
  await fc.assert(
    fc.asyncProperty(randomPrograms, async (program) => {
      const actual = await natively(program);
      const wrong = differences(actual, exactly(program, "eager"));
      if (wrong.length === 0) return;
      // Constants that are made on the way are other ones eagerly than compiled.
      const other = differences(actual, exactly(program, "jit"));
      if (other.length > 0) throw new Error([...linesOf(program), ...wrong].join("\n"));
    }),
    { numRuns: RUNS, examples: mended },
  );
});

function linesOf(program: RandomProgram): string[] {
  const lines: string[] = [];
  const arrays = program.inputs.map((shape, i) => np.array(inputNumbers(shape, i), { shape }));
  runProgram(program, arrays, lines);
  return lines;
}
