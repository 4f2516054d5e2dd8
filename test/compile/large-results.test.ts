// onnxruntime-node copies results; large ones are kept from it (see src/compile/session.ts).
import { numpy as np } from "@jax-js/jax";
import { expect } from "vitest";
import { compileFunction, compileStep } from "../../src/compile/compile.ts";
import { Random } from "../../src/random.ts";
import { tensor } from "../../src/tensor.ts";
import { nativeTest } from "./native.ts";

const arrayBytes = () => process.memoryUsage().arrayBuffers;
const SIZE = 512;

nativeTest("steps with a large gradient leave nothing of its size behind", async () => {
  const compiled = await compileStep(
    (params, state, batch, { rate }) => {
      const [p, x] = [params as np.Array, batch as np.Array];
      const gradient = np.matmul(x.ref.transpose(), np.matmul(x, p.ref)); // (SIZE, SIZE)
      return [p.sub(gradient.ref.mul(rate)), state, { size: np.abs(gradient).mean() }];
    },
    { params: tensor(new Random(0).normal([SIZE, SIZE]).data, [SIZE, SIZE]), state: () => [] },
    { executor: "native" },
  );
  const batch = compiled.upload(new Random(1).normal([8, SIZE], 1 / SIZE));
  const { size: first } = await compiled.run(batch, { rate: 0.1 });
  const [before, sizes] = [arrayBytes(), [first]];
  for (let step = 0; step < 20; step++) {
    sizes.push((await compiled.run(batch, { rate: 0.1 })).size);
    expect(arrayBytes() - before).toBeLessThan(4 * SIZE * SIZE);
  }
  expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
  expect(sizes.at(-1)).toBeLessThan(first);
  compiled.dispose();
});

nativeTest("a function's large result is made once", async () => {
  const double = await compileFunction((x: np.Array) => x.mul(2), { executor: "native" });
  const x = new Random(0).normal([SIZE, SIZE]);
  await double(x);
  const before = arrayBytes();
  const { data } = (await double(x)) as typeof x;
  expect(arrayBytes() - before).toBeLessThan(1.5 * 4 * SIZE * SIZE);
  expect(data).toEqual(x.data.map((number) => 2 * number));
  double.dispose();
});

nativeTest("what fails in a run with large results is told", async () => {
  const rows = await compileFunction((x: np.Array, at: np.Array) => x.slice(at.astype(np.int32)), {
    executor: "native",
  });
  const x = new Random(0).normal([2, 20_000]);
  expect(await rows(x, tensor([1, 0], [2]))).toEqual(
    tensor([...x.data.slice(20_000), ...x.data.slice(0, 20_000)], [2, 20_000]),
  );
  await expect(rows(x, tensor([1, 7], [2]))).rejects.toThrow("indices element out of data bounds");
  rows.dispose();
});
