import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeSnapshot, encodeSnapshot, type Snapshot } from "../../src/train/snapshot.ts";

describe("the bytes", () => {
  test("hold exactly what was in them: 200 snapshots", async () => {
    const any = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -0, 5e-324, 1 / 3));
    const record = fc.record(
      { step: fc.nat(), loss: any, validationLoss: any, learningRate: any, seconds: any },
      { requiredKeys: ["step", "loss", "seconds"] },
    );
    const w = fc.float32Array({ minLength: 3, maxLength: 3, noNaN: true, noDefaultInfinity: true });
    const snapshot = fc.record(
      {
        fingerprint: fc.dictionary(fc.constantFrom("epochs", "seed"), fc.string()),
        history: fc.array(record, { maxLength: 5 }).map((list) => list.map((one, i) => ({ epoch: i + 1, ...one }))),
        params: w.map((data) => ({ w: { data, shape: [3] } })),
        kept: w.map((data) => ({ w: { data, shape: [3] } })),
        callbacks: fc.array(fc.constantFrom(null, { best: "Infinity" }, 3)),
        loop: fc.float64Array({ maxLength: 3 }).map((data) => ({
          values: { step: data.length },
          tensors: new Map([["x", { data, shape: [data.length] }]]),
        })),
      },
      { requiredKeys: ["fingerprint", "history", "params", "callbacks", "loop"] },
    );
    await fc.assert(
      fc.asyncProperty(snapshot, async (made) => {
        const { params, kept, ...rest } = await decodeSnapshot(
          await encodeSnapshot(made as unknown as Snapshot<never>),
          "s",
        );
        expect(Object.fromEntries(params)).toEqual(made.params);
        expect(kept && Object.fromEntries(kept)).toEqual(made.kept);
        expect(rest).toEqual({
          ...rest,
          ...Object.fromEntries(
            ["fingerprint", "history", "callbacks", "loop"].map((key) => [key, made[key as "loop"]]),
          ),
        });
        expect(Object.is(rest.history.at(-1)?.loss, made.history.at(-1)?.loss)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
