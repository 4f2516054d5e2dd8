// What the page counts and changes by itself, beside what the library's layers do.
import { beforeAll, describe, expect, test } from "vitest";
import { layerCode, snippetOf } from "../../playground/src/export/snippet.ts";
import { buildLayer } from "../../playground/src/models/build.ts";
import { countParameters } from "../../playground/src/models/count.ts";
import { editComponent } from "../../playground/src/models/edit.ts";
import { families, fieldOf, type ModelSpec, newModel, settingsOf } from "../../playground/src/models/spec.ts";
import { featuresOf, initialState, startOf, type TaskName } from "../../playground/src/state/state.ts";
import * as gmnm from "../../src/browser.ts";

/** Every family with every value of every setting, one at a time, low rank with all that goes with it. */
const specs: ModelSpec[] = families.flatMap((family) => {
  const bases =
    family === "gmnm"
      ? [newModel(family), newModel(family, { covariance: "lowRank", rank: 2, centers: "projected" })]
      : [newModel(family)];
  return bases.flatMap((base) =>
    settingsOf(base).flatMap((name) => {
      const { choices, min, max } = fieldOf(name);
      const values = choices ?? (min === undefined ? [true, false] : [min, max]);
      return values.map((value) => ({ ...base, size: 5, [name]: value }) as ModelSpec);
    }),
  );
});
const sample = (d: number) => gmnm.tensor(new gmnm.Random(1).normal([40, d], 0.5).data, [40, d]);

const byName: ReadonlyMap<string, unknown> = new Map(Object.entries(gmnm));

beforeAll(() => gmnm.ready("wasm"));

describe.each([
  [1, 1],
  [2, 1],
  [7, 3],
])("models from %i to %i numbers", (d, o) => {
  test("count their parameters as the layers do", () => {
    for (const spec of specs) {
      const params = gmnm.initialParams(buildLayer(spec, d, o), new gmnm.Random(0), sample(d));
      expect(countParameters(spec, d, o), JSON.stringify(spec)).toBe(gmnm.countParameters(params));
    }
  });

  test("are written as programs that make the same layer", () => {
    for (const spec of specs) {
      const { code, imports } = layerCode(spec, d, o);
      const made = new Function(...imports, `return ${code}`)(...imports.map((name) => byName.get(name)));
      expect(made.config, code).toEqual(buildLayer(spec, d, o).config);
    }
  });
});

describe("a component under a hand", () => {
  const mixtures = [
    ...(["full", "diagonal", "isotropic"] as const).flatMap((covariance) =>
      (["explicit", "projected"] as const).map((centers) => newModel("gmnm", { size: 6, covariance, centers })),
    ),
    newModel("gmnm", { size: 6, covariance: "lowRank", rank: 1 }),
    newModel("rbf", { size: 6 }),
  ];

  test.each(mixtures)("goes where it is put: $family $covariance $centers", (spec) => {
    const { config } = buildLayer(spec, 2, 1);
    const params = gmnm.initialParams(buildLayer(spec, 2, 1), new gmnm.Random(3), sample(2));
    const before = gmnm.describeComponents(config, params);
    const after = gmnm.describeComponents(
      config,
      editComponent(params, 4, { center: [0.25, -0.5], widen: 2, weigh: -3 }),
    );
    expect(after[4].center[0]).toBeCloseTo(0.25, 5);
    expect(after[4].center[1]).toBeCloseTo(-0.5, 5);
    expect(after[4].weight[0]).toBeCloseTo(-3 * before[4].weight[0], 5);
    for (const [i, row] of after[4].precision.entries())
      for (const [j, entry] of row.entries()) expect(entry).toBeCloseTo(before[4].precision[i][j] / 4, 4);
    for (const k of [0, 1, 2, 3, 5]) expect({ ...after[k] }).toEqual({ ...before[k] });
    expect(gmnm.describeComponents(config, params)[4].weight).toEqual(before[4].weight); // what was given stays
  });
});

test("every task and optimiser has a program", () => {
  const files = {
    table: { name: 'a "table"\n.csv', rows: 20, columns: ["x", "evil\nprocess.exit()"] },
    choice: { target: "evil\nprocess.exit()", features: ["x"] },
  };
  for (const task of ["function", "classes", "poisson", "curve", "digits", "table"] as TaskName[]) {
    for (const optimizer of ["adam", "lbfgs"] as const) {
      const state = { ...startOf(task), optimizer, fn: "formula" as const, formula: "x\n/* evil */ process.exit()" };
      const text = snippetOf(state, 0, { features: featuresOf[task], files });
      expect(text).toContain("const layer = gmnm(");
      expect(
        text
          .split("\n")
          .filter((line) => line.includes("evil"))
          .every((line) => line.startsWith("// ") || line.includes('["evil\\nprocess.exit()"]')),
      ).toBe(true);
    }
  }
  expect(snippetOf({ ...initialState(), until: 600 }, 1, { features: [2, 1] })).toContain("epochs: 600");
  expect(snippetOf(startOf("table"), 0, { features: [1, 2], files, countsWrong: true })).toContain("crossEntropy");
});
