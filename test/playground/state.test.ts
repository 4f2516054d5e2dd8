import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countParameters, matched, matchSize } from "../../playground/src/models/count.ts";
import type { Edit } from "../../playground/src/models/edit.ts";
import { MAX_MODELS } from "../../playground/src/models/list.ts";
import {
  families,
  fieldOf,
  MAX_SIZE,
  type ModelSpec,
  newModel,
  type SettingName,
  settingsOf,
} from "../../playground/src/models/spec.ts";
import { decodeState, encodeState, readModel, writeModel } from "../../playground/src/state/codec.ts";
import { Edits } from "../../playground/src/state/edits.ts";
import { fields, initialModels, initialState, type State, startOf } from "../../playground/src/state/state.ts";

const numbers = ({ min = 0, max = 1 }: { min?: number; max?: number }) =>
  fc.oneof(
    fc.constantFrom(min, max),
    fc.double({ min, max, noNaN: true }).map((value) => Number(value.toPrecision(6))),
  );
const valueFor = (field: object): fc.Arbitrary<unknown> => {
  const { choices, min, initial, read } = field as {
    choices?: string[];
    min?: number;
    initial: unknown;
    read(text: string): unknown;
  };
  if (choices) return fc.constantFrom(...choices);
  if (typeof initial === "boolean") return fc.boolean();
  if (min === undefined) return fc.string({ minLength: 1, maxLength: 40 });
  // Whole numbers refuse halves.
  return numbers(field).map((value) => (read(String(value)) === undefined ? Math.round(value) : value));
};
const models: fc.Arbitrary<ModelSpec> = fc
  .tuple(fc.constantFrom(...families), fc.integer({ min: 1, max: MAX_SIZE }))
  .chain(([family, size]) => {
    const names: SettingName[] = [
      ...new Set([...settingsOf(newModel(family)), ...(family === "gmnm" ? (["rank"] as const) : [])]),
    ];
    const record = fc.record(Object.fromEntries(names.map((name) => [name, valueFor(fieldOf(name))])));
    return record.map((settings) => {
      const spec = newModel(family, { size, ...settings });
      // What there is not to set has no effect, and is not written.
      return settingsOf(spec).includes("rank") ? spec : { ...spec, rank: newModel(family).rank };
    });
  });
const states: fc.Arbitrary<State> = fc
  .tuple(
    fc.record(Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, valueFor(field)]))),
    fc.array(models, { minLength: 1, maxLength: MAX_MODELS }),
  )
  .map(([values, list]) => ({
    ...(values as State),
    models: list,
    hero: Math.min(values.hero as number, list.length - 1),
  }));

describe("the state in an address", () => {
  test("comes back as it was", () => {
    fc.assert(
      fc.property(states, (state) => {
        expect(decodeState(encodeState(state))).toEqual(state);
      }),
    );
  });

  test("is empty at the start, and short where little differs", () => {
    expect(encodeState(initialState())).toBe("");
    expect(encodeState(startOf("digits"))).toBe("task=digits");
    expect(encodeState({ ...initialState(), seed: 7, fn: "sines" })).toBe("fn=sines&seed=7");
    expect(writeModel(newModel("gmnm", { size: 12, covariance: "lowRank", rank: 2 }))).toBe(
      "gmnm_12_covariance-lowRank_rank-2",
    );
  });

  test("whatever an address says, there is a state, and it can be written", () => {
    const words = fc.constantFrom(
      "task=",
      "models=",
      "gmnm",
      "mlp_3",
      "~",
      "_",
      "-",
      "covariance-",
      "lowRank",
      "&",
      "=",
      "%",
      "%E0%A4%A",
      "seed=",
      "1e9",
      "-1",
      "NaN",
      "__proto__",
      "hero=3",
    );
    const anything = fc.oneof(
      fc.string(),
      fc.array(words).map((parts) => `#${parts.join("")}`),
    );
    fc.assert(
      fc.property(anything, (text) => {
        const state = decodeState(text);
        expect(decodeState(encodeState(state))).toEqual(state);
        expect(state.models.length).toBeGreaterThanOrEqual(1);
        expect(state.models.length).toBeLessThanOrEqual(MAX_MODELS);
        expect(state.models[state.hero]).toBeDefined();
      }),
      { numRuns: 500 },
    );
  });

  test("leaves out what does not fit", () => {
    const state = decodeState("seed=-3&points=99999&learningRate=x&task=nothing&models=cnn_3~gmnm_0_rank-99&match=yes");
    expect({ ...state, models: [] }).toEqual({ ...initialState(), models: [] });
    expect(state.models).toEqual([newModel("gmnm")]);
    expect(readModel("gmnm_8_rank-3")).toEqual(newModel("gmnm", { size: 8 }));
    expect(readModel("gmnm_8_rank-3_covariance-lowRank")).toEqual(
      newModel("gmnm", { size: 8, covariance: "lowRank", rank: 3 }),
    );
  });
});

describe("matching parameters", () => {
  test("brings every model as close to the first as it comes", () => {
    fc.assert(
      fc.property(
        fc.array(models, { minLength: 2, maxLength: 4 }),
        fc.constantFrom([1, 1], [2, 1], [30, 3]),
        (specs, [d, o]) => {
          const [first, ...others] = matched(specs, d, o);
          expect(first).toEqual(specs[0]);
          const target = countParameters(first, d, o);
          for (const spec of others) {
            const miss = (size: number) => Math.abs(countParameters({ ...spec, size }, d, o) - target);
            for (const size of [1, spec.size - 1, spec.size + 1, MAX_SIZE]) {
              if (size >= 1 && size <= MAX_SIZE) expect(miss(spec.size)).toBeLessThanOrEqual(miss(size));
            }
          }
        },
      ),
    );
  });

  test("the models of every task start within 10 % of each other", () => {
    for (const [task, d, o] of [
      ["function", 2, 1],
      ["curve", 1, 1],
      ["digits", 196, 10],
    ] as const) {
      const [first, ...others] = initialModels(task).map((spec) => countParameters(spec, d, o));
      for (const count of others) expect(Math.abs(count / first - 1), task).toBeLessThan(0.1);
    }
    expect(matchSize(newModel("gmnm"), 169, 2, 1)).toBe(24);
  });
});

describe("edits on their way", () => {
  test("go one at a time, and those of one Gaussian that wait become one", async () => {
    const sent: [number, number, Edit][] = [];
    let running = 0;
    const edits = new Edits(async (model, component, edit) => {
      expect(++running).toBe(1);
      await new Promise((resolve) => setTimeout(resolve));
      sent.push([model, component, edit]);
      running--;
    });
    edits.add(0, 1, { center: [0, 0] });
    edits.add(0, 1, { widen: 2 });
    edits.add(0, 1, { widen: 2, center: [1, 1] });
    edits.add(0, 2, { weigh: -1 });
    edits.add(0, 2, { weigh: -1 });
    await edits.add(0, 1, { center: [2, 2] });
    expect(sent).toEqual([
      [0, 1, { center: [0, 0] }],
      [0, 1, { widen: 4, center: [1, 1] }],
      [0, 2, { weigh: 1 }],
      [0, 1, { center: [2, 2] }],
    ]);
  });

  test("go on after one has failed", async () => {
    let fails = true;
    const edits = new Edits(async () => {
      if (fails) throw new Error("no");
    });
    await expect(edits.add(0, 0, {})).rejects.toThrow("no");
    fails = false;
    await edits.add(0, 0, {});
  });
});
