import { numpy as np } from "@jax-js/jax";
import { expect, it } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { linear } from "../../src/nn/index.ts";
import { sgd } from "../../src/optim/index.ts";
import { namedTensors } from "../../src/params.ts";
import { fit, NonFiniteError } from "../../src/train/index.ts";

it("a training that diverges hands over what it had learnt before", async () => {
  const x = [[1], [2], [3]];
  // log(2 − Σ|p|) is finite at first and NaN once descent has pushed the predictions apart.
  const loss = (p: np.Array, y: np.Array) => np.log(np.abs(p.sub(y)).sum().neg().add(20)).mul(1);
  const error = await fit(
    linear(1, 1),
    { x, y: [0, 0, 0] },
    { loss, optimizer: sgd({ learningRate: 3 }), epochs: 50 },
  ).then(
    () => undefined,
    (caught) => caught,
  );
  expect(error).toBeInstanceOf(NonFiniteError);
  expect(error).toBeInstanceOf(GmnmError);
  expect(error.message).toMatch(/training stopped at step \d+ \(epoch \d+\): loss NaN/);
  for (const [, { data }] of namedTensors(error.params)) expect(data.every(Number.isFinite)).toBe(true);
});
