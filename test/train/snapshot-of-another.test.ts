// Snapshots of another training: one sentence that says what is different, and nothing is trained.
import { describe, expect, test } from "vitest";
import { checkpoint } from "../../src/io/checkpoint.ts";
import { dropout, gmnm, linear, sequential } from "../../src/nn/index.ts";
import { adam, adamw } from "../../src/optim/adam.ts";
import { lbfgs } from "../../src/optim/lbfgs.ts";
import { cosine } from "../../src/optim/schedules.ts";
import { sgd } from "../../src/optim/sgd.ts";
import { tensor } from "../../src/tensor.ts";
import { earlyStopping } from "../../src/train/callbacks.ts";
import { type FitOptions, fit } from "../../src/train/fit.ts";
import { mae } from "../../src/train/losses.ts";
import { minimize } from "../../src/train/minimize.ts";
import { base, cutAfter, cutOff, data, layer, refusal } from "./cut-off.ts";
import { waves } from "./examples.ts";
import { Cut, Kept } from "./snapshots.ts";

describe("of another training", () => {
  const other = { ...data, y: tensor(data.y.data.with(7, 0.123), data.y.shape) };
  test.each<[string, string, FitOptions]>([
    ["epochs", "epochs: 4 there, 5 here", { epochs: 5 }],
    ["batch size", "batchSize: 5 there, 6 here", { batchSize: 6 }],
    ["no batches", "batchSize: 5 there, all rows here", { batchSize: undefined }],
    ["seed", "seed: 0 there, 1 here", { seed: 1 }],
    ["executor", "executor: wasm there, native here", { executor: "native" }],
    ["loss", "loss differs", { loss: mae }],
    ["optimiser", "optimizer differs", { optimizer: sgd() }],
    ["an optimiser's option", "optimizer differs", { optimizer: adam({ learningRate: cosine(0.03), beta2: 0.98 }) }],
    ["weight decay", "optimizer differs", { optimizer: adamw({ learningRate: cosine(0.03), beta2: 0.99 }) }],
    ["learning rate", "learning rate differs", { optimizer: adam({ learningRate: 0.03, beta2: 0.99 }) }],
    ["L-BFGS", "batchSize: 5 there, all rows here", { optimizer: lbfgs(), batchSize: undefined }],
    ["validation", "validateEvery: none there, 1 here", { validation: waves(5) }],
    ["sampleRows", "sampleRows: 2048 there, 9 here", { sampleRows: 9 }],
    ["adaptAfter", "adaptAfter: [] there, [2] here", { adaptAfter: [2] }],
    ["reseedAfter", "reseedAfter: [] there, [1] here", { reseedAfter: [1] }],
  ])("%s: %s", async (_, sentence, options) => {
    const kept = await cutOff();
    expect(
      await refusal(kept, (callbacks) => fit(layer, data, { ...base, ...options, callbacks, snapshots: kept })),
    ).toBe(`gmnm: the snapshot is of another training (${sentence}); remove it to train anew`);
  });

  test.each<[string, string, Parameters<typeof fit>[0], typeof data]>([
    ["one number of the data", "data differs", layer, other],
    ["the layer", "loss differs", gmnm(2, 1, { numComponents: 2 }), data],
    ["an option of the layer that the step does not show", "layer differs", linear(2, 1), data],
  ])("%s", async (name, sentence, model, examples) => {
    const shown = name.includes("does not show")
      ? { ...layer, config: { ...layer.config, note: "x".repeat(50) } }
      : layer;
    const kept = await cutOff({}, shown);
    expect(await refusal(kept, (callbacks) => fit(model, examples, { ...base, callbacks, snapshots: kept }))).toContain(
      `(${sentence})`,
    );
  });

  test("a rate of dropout", async () => {
    const net = (rate: number) => sequential(linear(2, 3), dropout(rate), linear(3, 1));
    const kept = await cutOff({}, net(0.2));
    expect(await refusal(kept, (callbacks) => fit(net(0.3), data, { ...base, callbacks, snapshots: kept }))).toContain(
      "differs",
    );
  });

  test("the numbers a model starts from; a layer's own start follows from data and seed", async () => {
    const { model } = await fit(layer, data, base);
    const kept = await cutOff({}, model);
    const moved = { layer, params: { weights: tensor([0, 1], [2, 1]), bias: tensor([0], [1]) } };
    expect(await refusal(kept, (callbacks) => fit(moved, data, { ...base, callbacks, snapshots: kept }))).toContain(
      "(start differs)",
    );
  });

  test("what the caller says of it", async () => {
    const kept = new Kept();
    const of = (name: string) => Object.assign(kept, { of: { name } });
    const cut = { ...base, callbacks: [cutAfter(3)] };
    await expect(fit(layer, data, { ...cut, snapshots: of("first") })).rejects.toThrow(Cut);
    expect(
      await refusal(kept, (callbacks) => fit(layer, data, { ...base, callbacks, snapshots: of("second") })),
    ).toContain("(name: first there, second here)");
  });

  test("callbacks: more of them, others, or with other options", async () => {
    const stopping = (patience: number) => earlyStopping({ patience, monitor: "loss" });
    const kept = await cutOff({ callbacks: [stopping(5)] });
    const call = (...own: object[]) =>
      refusal(kept, (callbacks) => fit(layer, data, { ...base, callbacks: [...own, ...callbacks], snapshots: kept }));
    expect(await call()).toBe("gmnm: the snapshot: its training had other callbacks");
    expect(await call(stopping(5), {})).toBe("gmnm: the snapshot: its training had other callbacks");
    expect(await call(stopping(6))).toContain("not a state of this early stopping, or of one with other options");
    expect(await call(checkpoint(layer, "nowhere"))).toBe("gmnm: the snapshot: it is not a state of checkpoints");
    const none = await cutOff({ callbacks: [{}] });
    const refused = refusal(none, (callbacks) =>
      fit(layer, data, { ...base, callbacks: [stopping(5), ...callbacks], snapshots: none }),
    );
    expect(await refused).toBe("gmnm: the snapshot: its training had other callbacks");
  });

  test("an objective of minimize", async () => {
    const kept = new Kept();
    const start = { w: tensor([1, 2], [2]) };
    const run = (power: 1 | 2, callbacks: object[]) =>
      minimize(
        (p, { x }) => {
          const { w } = p as Record<string, typeof x>;
          const error = x.sub(w);
          return (power === 2 ? error.ref.mul(error) : error).sum();
        },
        start,
        { x: tensor([1, 2, 3, 4], [2, 2]) },
        { epochs: 4, progress: false, callbacks, snapshots: kept },
      );
    await expect(run(2, [cutAfter(3)])).rejects.toThrow(Cut);
    expect(await refusal(kept, (callbacks) => run(1, callbacks))).toContain("(loss differs)");
  });
});
