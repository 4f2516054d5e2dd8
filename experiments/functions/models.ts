import { mlp } from "../../src/models/mlp.ts";
import { type AnyLayer, fastKan, gmnm, kan, rbf, sequential } from "../../src/nn/index.ts";
import { matchParameters } from "../shared/match-parameters.ts";

/** Hidden units of the two-layer KANs: at each size the width that did best in a small search, the rest of the parameters go to the grid. */
const kanWidth = (size: number): number => (size < 300 ? 5 : size < 1000 ? 8 : 40);

/** Three hidden layers did better than two or one, but leave no width of about 200 parameters. */
const hidden = (width: number, size: number): number[] => Array.from({ length: size < 300 ? 2 : 3 }, () => width);

/** Every model of the comparison: d inputs, one output, about `size` parameters. */
export const models: Record<string, (d: number, size: number) => AnyLayer> = {
  GMNM: (d, size) => matchParameters(size, (m) => gmnm(d, 1, { numComponents: m })),
  "GMNM×2": (d, size) =>
    matchParameters(size, (m) =>
      sequential(gmnm(d, 2, { numComponents: m, weightScale: 3 }), gmnm(2, 1, { numComponents: m })),
    ),
  "MLP tanh": (d, size) => matchParameters(size, (w) => mlp([d, ...hidden(w, size), 1], { nonlinearity: "tanh" })),
  "MLP SiLU": (d, size) => matchParameters(size, (w) => mlp([d, ...hidden(w, size), 1], { nonlinearity: "silu" })),
  KAN: (d, size) => {
    const h = kanWidth(size);
    // The width searched is the number of splines per edge, three more than grid intervals: what a step multiplies with.
    const build = (splines: number) =>
      sequential(kan(d, h, { gridSize: splines - 3 }), kan(h, 1, { gridSize: splines - 3 }));
    return matchParameters(size, build);
  },
  FastKAN: (d, size) => {
    const h = kanWidth(size);
    // The paper's layer norm would reduce two coordinates to their order; the grid covers the inputs instead.
    const build = (g: number) =>
      sequential(
        fastKan(d, h, { numGrids: g, grid: [-1.2, 1.2], layerNorm: false }),
        fastKan(h, 1, { numGrids: g, layerNorm: false }),
      );
    return matchParameters(size, build);
  },
  RBF: (d, size) => matchParameters(size, (m) => rbf(d, 1, { numComponents: m })),
};
