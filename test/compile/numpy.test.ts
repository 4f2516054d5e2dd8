// Functions of jax-js that random programs leave out: each once, natively against float64.
import { lax, nn, numpy as np } from "@jax-js/jax";
import { expect } from "vitest";
import { compileFunction } from "../../src/compile/compile.ts";
import { onDevice } from "../../src/compile/executor.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";
import { describeNative, nativeTest } from "./native.ts";

type Fn = (x: np.Array) => np.Array;

const float =
  (f: Fn): Fn =>
  (x) =>
    f(x).astype(np.float32);

const functions: Record<string, Fn> = {
  power: (x) => np.power(x, 2),
  "power, whole and odd": (x) => np.power(x, -3),
  "power of two arrays": (x) => np.power(np.abs(x.ref), x),
  mod: (x) => x.mod(0.75),
  remainder: (x) => np.remainder(x, 0.75),
  fmod: (x) => np.fmod(x, 0.75),
  floorDivide: (x) => np.floorDivide(x, 0.75),
  floor: np.floor,
  ceil: np.ceil,
  trunc: np.trunc,
  round: np.round,
  sign: np.sign,
  clip: (x) => np.clip(x, -0.5, 1),
  exp2: np.exp2,
  expm1: np.expm1,
  log1p: (x) => np.log1p(np.square(x)),
  sinh: np.sinh,
  tan: np.tan,
  arcsin: (x) => np.arcsin(x.mul(0.3)),
  arccos: (x) => np.arccos(x.mul(0.3)),
  arctan: np.arctan,
  arctan2: (x) => np.arctan2(x.ref, np.cos(x)),
  erf: lax.erf,
  erfc: lax.erfc,
  stopGradient: (x) => lax.stopGradient(x),
  softplus: nn.softplus,
  gelu: (x) => nn.gelu(x),
  elu: (x) => nn.elu(x),
  logSoftmax: (x) => nn.logSoftmax(x),
  logsumexp: (x) => nn.logsumexp(x, -1),
  std: (x) => np.std(x, 0),
  prod: (x) => np.prod(x, 1),
  "prod of what repeats": (x) => np.broadcastTo(x, [2, 3, 4]).prod(0),
  cumsum: (x) => np.cumsum(x, 1),
  cumprod: (x) => np.cumprod(x, 0),
  any: float((x) => np.any(x.less(-1), 1)),
  all: float((x) => np.all(x.less(1), 0)),
  "sum of a mask": float((x) => x.less(0.5).astype(np.int32).sum(1)),
  "mean of a mask": (x) => x.less(0.5).mean(),
  "a mask times a mask": float((x) => x.ref.less(0.5).mul(x.greater(-0.5))),
  "a mask plus a mask": float((x) => x.ref.less(-0.5).add(x.greater(0.5))),
  "a mask that chooses between masks": float((x) => np.where(x.ref.less(0), x.ref.less(-1), x.greater(1))),
  "a mask times a number": float((x) => x.less(0.5).mul(3)),
  "the smaller mask": float((x) => np.minimum(x.ref.less(0.5), x.greater(-0.5))),
  isfinite: float((x) => np.isfinite(np.log(x))),
  isnan: float((x) => np.isnan(np.log(x))),
  nanToNum: (x) => np.nanToNum(np.log(x)),
  argmax: float((x) => np.argmax(x, 1)),
  argmin: float((x) => np.argmin(x, 0)),
  "one-hot": (x) => nn.oneHot(np.argmax(x, 1), 4),
  take: (x) => np.take(x, np.array([3, 0, 0], { dtype: np.int32 }), 1),
  "take of a matrix of indices": (x) =>
    np.take(
      x,
      np.array(
        [
          [2, 0],
          [1, 1],
        ],
        { dtype: np.int32 },
      ),
      0,
    ),
  "whole numbers": float((x) => x.mul(4).astype(np.int32).mul(3).sub(1)),
  "whole numbers, divided": float((x) => np.fmod(x.mul(8).astype(np.int32), 3)),
  "whole numbers, remaining": float((x) => x.mul(8).astype(np.int32).mod(3)),
  "whole and other numbers": (x) => x.ref.astype(np.int32).add(x),
  tile: (x) => np.tile(x, [2, 3]),
  repeat: (x) => np.repeat(x, 2, 0),
  diagonal: (x) => np.diagonal(x),
  trace: (x) => np.trace(x),
  outer: (x) => np.outer(x.ref.slice(0), x.slice(1)),
  tensordot: (x) => np.tensordot(x.ref, x, [[0], [0]]),
  triu: (x) => np.triu(x, 1),
  "a mask from outside": (x) => np.where(np.array([true, false, true, true]), x, -1),
  "a product plus a row": (x) => np.matmul(x.ref, x.ref.transpose()).add(x.slice(0, [0, 3])),
  "a product plus a column": (x) => np.matmul(x.ref, x.ref.transpose()).add(x.slice([], [0, 1])),
  "a product plus a matrix": (x) => np.matmul(x.ref, x.ref.transpose()).add(x.slice([], [1, 4])),
  "a product plus itself turned": (x) => {
    const product = np.matmul(x.ref.slice([], [0, 3]), np.triu(x.slice([], [1, 4])));
    return product.ref.add(product.transpose());
  },
  "a product in another shape plus a row": (x) =>
    np
      .matmul(x.ref.transpose(), x.ref)
      .reshape([2, 8])
      .add(x.reshape([12]).slice([0, 8])),
  "a product in another shape plus a column": (x) =>
    np
      .matmul(x.ref.transpose(), x.ref)
      .reshape([4, 2, 2])
      .add(x.reshape([12]).slice([0, 4]).reshape([4, 1, 1])),
  "whole numbers from outside": float((x) => np.arange(4).mul(x)),
  "two numbers times a row, one of them as a matrix": (x) =>
    x.ref
      .slice([0, 1], [0, 4])
      .mul(x.ref.slice([0, 1], [0, 1]))
      .mul(np.broadcastTo(x.slice([1, 2], [1, 2]), [3, 4])),
  "a number for every result": () => np.array(3),
  "its own argument": (x) => x,
};

describeNative("of numpy and nn", () => {
  nativeTest.each(Object.entries(functions))("%s", async (_, fn) => {
    const x = tensor([-1.6, -0.9, -0.3, 0.4, 0.9, 1.5, 0.2, -0.1, 2.3, -2.2, 1.1, 0.7], [3, 4]);
    const compiled = await compileFunction(fn, { executor: "native" });
    const found = (await compiled(x)) as Tensor;
    compiled.dispose();
    const expected = onDevice("cpu", () => {
      const y = fn(np.array(Float64Array.from(x.data), { shape: [3, 4], dtype: np.float64 }));
      const shape = y.shape;
      return { shape, data: [...y.dataSync()] };
    });
    expect(found.shape).toEqual(expected.shape);
    const size = Math.max(...expected.data.filter(Number.isFinite).map(Math.abs));
    for (const [i, value] of expected.data.entries()) {
      if (Number.isFinite(value)) expect(Math.abs(found.data[i] - value) / size, `${i}`).toBeLessThan(1e-5);
      else expect(found.data[i]).toBe(value);
    }
  });
});
