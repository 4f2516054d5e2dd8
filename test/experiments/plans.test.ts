import { describe, expect, it } from "vitest";
import { models as functionModels } from "../../experiments/functions/models.ts";
import { experiments } from "../../experiments/index.ts";
import { models as poissonModels } from "../../experiments/poisson/experiment.ts";
import { matchParameters } from "../../experiments/shared/match-parameters.ts";
import { models as tabularModels } from "../../experiments/tabular/experiment.ts";
import { linear } from "../../src/nn/index.ts";
import { countParameters } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { initialParams } from "../../src/train/fit.ts";

describe("matchParameters", () => {
  it.each([200, 400, 1600])("gives every model of the function suite %i parameters within 5 %", (size) => {
    for (const [name, build] of Object.entries(functionModels)) {
      for (const d of [2, 4]) {
        const parameters = countParameters(initialParams(build(d, size), new Random(0)));
        expect(Math.abs(parameters / size - 1), `${name}, ${d} inputs: ${parameters}`).toBeLessThanOrEqual(0.05 + 1e-9);
      }
    }
  });

  it("says when no width comes near", () => {
    expect(() => matchParameters(100, (w) => linear(1000, w))).toThrow(/no width comes within 5 % of 100/);
  });
});

describe("the plans", () => {
  it("have models that exist, at every size, within 5 % of the parameters asked for", async () => {
    for (const { plan } of Object.values(experiments)) {
      for (const scale of ["quick", "full"] as const) {
        const { models, sizes, equalTimeSize } = plan(scale, undefined);
        expect(models.length).toBeGreaterThan(1);
        // Equal time is that of the first model.
        if (equalTimeSize !== undefined) expect(models[0]).toBe("GMNM");
        expect(sizes.length).toBeGreaterThan(0);
      }
    }
    for (const [name, build] of Object.entries(tabularModels).filter(([name]) => name !== "Linear")) {
      for (const d of [4, 8, 10]) {
        const parameters = countParameters(initialParams(build(d, 2000), new Random(0)));
        expect(Math.abs(parameters / 2000 - 1), `${name}, ${d} features: ${parameters}`).toBeLessThanOrEqual(
          0.05 + 1e-9,
        );
      }
    }
    for (const [name, build] of Object.entries(poissonModels)) {
      const parameters = countParameters(initialParams(build(450), new Random(0)));
      expect(Math.abs(parameters / 450 - 1), `${name}: ${parameters}`).toBeLessThanOrEqual(0.05 + 1e-9);
    }
  });
});
