// Convolutions of images with whatever steps and paddings, and what they are in double precision.
import { grad, lax, type numpy as np } from "@jax-js/jax";
import fc from "fast-check";
import type { Tensor } from "../../../src/tensor.ts";

type Pair = [number, number];

/** A convolution of images (batch, channels, height, width) with kernels (outputs, channels, height, width). */
export type Convolution = {
  x: number[];
  kernel: number[];
  strides: Pair;
  padding: [Pair, Pair];
  lhsDilation: Pair;
  rhsDilation: Pair;
};

const lengthOf = ({ x, kernel, strides, padding, lhsDilation, rhsDilation }: Convolution, i: number) => {
  const image = (x[i + 2] - 1) * lhsDilation[i] + 1 + padding[i][0] + padding[i][1];
  return Math.floor((image - (kernel[i + 2] - 1) * rhsDilation[i] - 1) / strides[i]) + 1;
};

/** The shape of the output. */
export const shapeOf = (one: Convolution) => [one.x[0], one.kernel[0], lengthOf(one, 0), lengthOf(one, 1)];

/** Calls `visit` with the places of the output, the pixel and the weight of every multiplication. */
function multiplications(one: Convolution, visit: (y: number, x: number, weight: number) => void): void {
  const [batch, channels, ...size] = one.x;
  const [outputs, , height, width] = one.kernel;
  const [, , rows, columns] = shapeOf(one);
  const pixel = (at: number, tap: number, i: number) => {
    const place = at * one.strides[i] + tap * one.rhsDilation[i] - one.padding[i][0];
    const [step, length] = [one.lhsDilation[i], size[i]];
    return place % step === 0 && place >= 0 && place / step < length ? place / step : -1;
  };
  for (let n = 0; n < batch; n++)
    for (let o = 0; o < outputs; o++)
      for (let r = 0; r < rows; r++)
        for (let c = 0; c < columns; c++)
          for (let i = 0; i < height; i++)
            for (let j = 0; j < width; j++) {
              const [h, w] = [pixel(r, i, 0), pixel(c, j, 1)];
              if (h < 0 || w < 0) continue;
              const y = ((n * outputs + o) * rows + r) * columns + c;
              for (let k = 0; k < channels; k++)
                visit(
                  y,
                  ((n * channels + k) * size[0] + h) * size[1] + w,
                  ((o * channels + k) * height + i) * width + j,
                );
            }
}

type Sums = { sums: Float64Array; magnitudes: Float64Array };

/** Values, and gradients of Σ cotangent ⊙ y, in double precision, with the magnitudes that were added. */
export function exactly(one: Convolution, x: Tensor, kernel: Tensor, cotangent: Tensor): Record<string, Sums> {
  const zeros = ({ data }: Tensor): Sums => ({
    sums: new Float64Array(data.length),
    magnitudes: new Float64Array(data.length),
  });
  const add = ({ sums, magnitudes }: Sums, at: number, term: number) => {
    sums[at] += term;
    magnitudes[at] += Math.abs(term);
  };
  const [y, ofX, ofKernel] = [zeros(cotangent), zeros(x), zeros(kernel)];
  multiplications(one, (at, pixel, weight) => {
    add(y, at, x.data[pixel] * kernel.data[weight]);
    add(ofX, pixel, cotangent.data[at] * kernel.data[weight]);
    add(ofKernel, weight, cotangent.data[at] * x.data[pixel]);
  });
  return { y, ofX, ofKernel };
}

/** The same traced by jax-js. */
export const valuesAndGradients = ({ strides, padding, lhsDilation, rhsDilation }: Convolution) =>
  ((x: np.Array, kernel: np.Array, cotangent: np.Array) => {
    const convolve = (a: np.Array, b: np.Array) =>
      lax.convGeneralDilated(a, b, strides, padding, { lhsDilation, rhsDilation });
    const loss = (a: np.Array, b: np.Array) => convolve(a, b).mul(cotangent.ref).sum();
    const y = convolve(x.ref, kernel.ref);
    const [ofX, ofKernel] = grad(loss, { argnums: [0, 1] })(x, kernel) as [np.Array, np.Array];
    cotangent.dispose();
    return { y, ofX, ofKernel };
  }) as never;

/** Drawn at random, those without gradients left out. */
export const convolutions: fc.Arbitrary<Convolution> = fc
  .record({
    batch: fc.constantFrom(1, 2, 9, 16, 17),
    channels: fc.constantFrom(1, 3, 8, 16, 20, 32),
    outputs: fc.constantFrom(1, 5, 8, 16, 24),
    size: fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })),
    kernelSize: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    padding: fc.tuple(...[0, 1].map(() => fc.tuple(fc.integer({ min: -1, max: 3 }), fc.integer({ min: -1, max: 3 })))),
    lhsDilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    rhsDilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
  })
  .map(({ batch, channels, outputs, size, kernelSize, padding, ...steps }) => ({
    x: [batch, channels, ...size],
    kernel: [outputs, channels, ...kernelSize],
    padding: padding as [Pair, Pair],
    ...steps,
  }))
  .filter((one) => [0, 1].every((i) => lengthOf(one, i) > 0 && hasGradients(one, i)));

/** jax-js computes gradients as convolutions with other paddings, and refuses those that take away more than there is. */
function hasGradients(one: Convolution, i: number): boolean {
  const [x, y] = [one.x[i + 2], lengthOf(one, i)];
  const [image, kernel] = [(x - 1) * one.lhsDilation[i] + 1, (one.kernel[i + 2] - 1) * one.rhsDilation[i] + 1];
  const [before, after] = one.padding[i];
  const outputs = (y - 1) * one.strides[i] + 1;
  const ofKernel: Pair = [before, outputs - image + kernel - before - 1];
  const ofX: Pair = [kernel - 1 - before, image - outputs + before];
  const suits = (pads: Pair, length: number) => Math.min(...pads, pads[0] + pads[1]) >= -length;
  return suits([before, after], x) && suits(ofKernel, x) && suits(ofX, y);
}
