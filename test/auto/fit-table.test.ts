import { expect, test } from "vitest";
import { fitTable, memoryStore, modelNames, type Plan, planOf, type Store } from "../../src/auto/index.ts";
import { encodeModel } from "../../src/io/index.ts";
import { tensor } from "../../src/tensor.ts";
import { accuracy, evaluate, r2, rmse } from "../../src/train/index.ts";
import { classes, numbers } from "./tables.ts";

const wave = numbers(120, 3, ([a, b]) => Math.sin(2 * a) + b * b);
const moons = classes(120, 2, 3, ([a, b]) => (a * b > 0.3 ? 2 : a + b > 0 ? 1 : 0));

/** A plan of few steps, so that a test takes a second. */
function plan(made: typeof wave, task: Plan["task"], change: Partial<Plan> = {}, model: Plan["model"] = "gmnm"): Plan {
  const [rows, features] = made.x.shape;
  const full = planOf({ rows, features, outputs: made.y.shape[1], task, model, seed: 3 }, 1, 60);
  const [candidates, variants] = [full.candidates.slice(0, 2), full.variants.slice(0, 2)];
  return { ...full, folds: 3, candidates, variants, searchFolds: 1, finalists: 1, ...change };
}

test("a table of numbers: better than the mean and the line, and it says so", async () => {
  const { model, validation, history } = await fitTable(wave, {
    task: "regression",
    plan: plan(wave, "regression", { epochs: 250 }),
  });
  const { scores, linear, constant } = validation as unknown as Record<string, { rmse: number; r2: number }>;
  expect(scores.rmse).toBeLessThan(0.6 * linear.rmse);
  // The mean of the other rows, so a trifle worse than the mean of these.
  expect(constant.r2).toBeLessThan(0);
  expect(constant.r2).toBeCloseTo(0, 3);
  expect((await evaluate(model, wave)).rmse).toBeLessThan(0.5);
  expect(model.layer.config.type).toBe("gmnm");
  expect(validation.why).toMatch(/^3 × gmnm .*: standardised RMSE 0\.\d+ on held-out rows, \d+ parameters/);
  expect(history.map(({ epoch }) => epoch).at(-1)).toBe(250);
});

test("classes: logits that tell them apart", async () => {
  const { model, validation } = await fitTable(moons, {
    task: "classification",
    plan: plan(moons, "classification", { epochs: 250 }),
    workers: 0,
  });
  const { scores, constant } = validation as unknown as Record<string, { accuracy: number; logLoss: number }>;
  expect(scores.accuracy).toBeGreaterThan(0.7);
  expect(scores.logLoss).toBeLessThan(0.8 * constant.logLoss);
  expect((await evaluate(model, moons, { metrics: { accuracy } })).accuracy).toBeGreaterThan(0.85);
});

test.each(modelNames)("every kind of model ends in one layer that predicts: %s", async (name) => {
  const { model, validation } = await fitTable(wave, {
    task: "regression",
    plan: plan(wave, "regression", {}, name),
    workers: 0,
  });
  const found = await evaluate(model, wave, { metrics: { r2, rmse } });
  expect(Number.isFinite(found.rmse)).toBe(true);
  expect(found.r2).toBeGreaterThan(-0.05);
  expect(validation.candidates.some(({ chosen }) => chosen)).toBe(true);
});

test("the same plan and seed give the same bytes, with one worker or two, and from a store that was cut short", {
  timeout: 120_000,
}, async () => {
  const options = { task: "regression", plan: plan(wave, "regression") } as const;
  const bytes = async (more: object = {}) => encodeModel((await fitTable(wave, { ...options, ...more })).model);
  const first = await bytes({ workers: 1 });
  expect(await bytes({ workers: 2 })).toEqual(first);
  const store = memoryStore();
  let puts = 0;
  const dying: Store = {
    ...store,
    async put(key, value) {
      await store.put(key, value);
      if (++puts === 4) throw new Error("killed");
    },
  };
  await expect(fitTable(wave, { ...options, store: dying })).rejects.toThrow("killed");
  const kept: string[] = [];
  const watching: Store = {
    ...store,
    async get(key) {
      const found = await store.get(key);
      if (found) kept.push(key);
      return found;
    },
  };
  expect(await bytes({ store: watching })).toEqual(first);
  expect(kept.length).toBeGreaterThanOrEqual(4);
  const again = { ...store, put: async (key: string) => expect.fail(`${key} was computed again`) };
  expect(await bytes({ store: again })).toEqual(first);
  const other = { ...options, plan: { ...options.plan, seed: 4 } };
  expect(encodeModel((await fitTable(wave, other)).model)).not.toEqual(first);
});

test("a training that diverges is reported and left out; when all do, an error says so", async () => {
  const broken = plan(wave, "regression");
  const [first, second] = broken.candidates;
  const candidates = [{ ...first, name: "diverging", learningRate: 1e30 }, second];
  const { validation } = await fitTable(wave, { task: "regression", plan: { ...broken, candidates }, workers: 0 });
  const report = validation.candidates.find(({ name }) => name === "diverging")!;
  expect(report).toMatchObject({ trained: 0, failed: 1, chosen: false });
  const all = { ...plan(moons, "classification"), finalists: 1 };
  const wild = (candidate: (typeof candidates)[0]) => ({ ...candidate, learningRate: 1e30 });
  const variants = all.variants.map((list) => list.map(wild));
  const diverging = { ...all, candidates: all.candidates.map(wild), variants, linear: wild(all.linear) };
  const options = { task: "classification", plan: diverging, workers: 0 } as const;
  await expect(fitTable(moons, options)).rejects.toThrow("every training diverged");
});

test("size and learning rate of the best form are chosen by held-out rows, on the same folds as the form", async () => {
  const small = plan(wave, "regression", { epochs: 250, searchFolds: 2 });
  const [narrow, other] = small.candidates.map((candidate) => ({
    ...candidate,
    config: { ...candidate.config, numComponents: 1 },
    parameters: 11,
  }));
  const wide = { ...small.variants[0][1], name: "wide" };
  const slow = { ...narrow, name: "slow", learningRate: 1e-6 };
  const variants = [[slow, wide], []];
  const chosen = { ...small, candidates: [narrow, { ...other, learningRate: 1e-6 }], variants };
  const { validation, model, plan: followed } = await fitTable(wave, { task: "regression", plan: chosen });
  const report = (name: string) => validation.candidates.find((one) => one.name === name)!;
  expect(report("wide")).toMatchObject({ trained: 3, chosen: true });
  expect(report("slow")).toMatchObject({ trained: 2, chosen: false });
  expect(report(narrow.name)).toMatchObject({ trained: 2, chosen: false });
  expect(report("wide").score).toBeLessThan(0.9 * report(narrow.name).score!);
  const { numComponents } = wide.config as unknown as { numComponents: number };
  expect(model.layer.config).toMatchObject({ numComponents: 3 * numComponents });
  expect(followed.cut).toBeUndefined();
  // Of a form that is not the best no variant is tried.
  const turned = { ...chosen, candidates: chosen.candidates.toReversed() };
  const { validation: without } = await fitTable(wave, { task: "regression", plan: turned });
  expect(without.candidates.map(({ name }) => name)).not.toContain("wide");
});

test("what time was too short to try on as many folds as the others is not chosen", async () => {
  const small = plan(wave, "regression", { searchFolds: 2 });
  const first = await fitTable(wave, { task: "regression", plan: small });
  const best = first.validation.candidates.find(({ chosen }) => chosen)!;
  const all = [...small.candidates, ...small.variants.flat()];
  const place = all.findIndex(({ name }) => name === best.name);
  const cut = [`unit-${place}-1`];
  const { validation, plan: followed } = await fitTable(wave, { task: "regression", plan: { ...small, cut } });
  expect(validation.candidates.find(({ name }) => name === best.name)).toMatchObject({ trained: 1, chosen: false });
  expect(followed.cut).toEqual(cut);
});

test("progress only grows, ends at its total, and names its phases in order", async () => {
  const seen: { phase: string; done: number; total: number; seconds: number }[] = [];
  await fitTable(wave, {
    task: "regression",
    plan: plan(wave, "regression"),
    workers: 0,
    onProgress: (progress) => seen.push({ ...progress }),
  });
  const phases = [...new Set(seen.map(({ phase }) => phase))];
  expect(phases).toEqual(["measure", "search", "train", "finish"]);
  const shares = seen.map(({ done, total }) => done / total);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  expect(shares.at(-1)).toBe(1);
  expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
});

test("without a plan it makes one for the time there is, stores it, and leaves out what would come too late", {
  timeout: 120_000,
}, async () => {
  const store = memoryStore();
  const options = { task: "regression", timeBudget: 0.001, store, seed: 5 } as const;
  const { plan, validation } = await fitTable(wave, options);
  expect(plan.timeBudget).toBeLessThan(0.001);
  expect(plan.epochs).toBe(2);
  expect(plan.cut!.length).toBeGreaterThan(0);
  expect(validation.candidates.find(({ trained }) => trained > 0)).toBeDefined();
  expect(JSON.parse(new TextDecoder().decode(await store.get("plan.json"))).plan.folds).toBe(plan.folds);
  const once = await fitTable(wave, { task: "regression", plan });
  const twice = await fitTable(wave, options);
  expect(encodeModel(once.model)).toEqual(encodeModel(twice.model));
  await expect(fitTable(wave, { ...options, seed: 6 })).rejects.toThrow("with seed 5, not for regression");
});

test("measures steps of batches, too, of which few make a pass over the rows", async () => {
  const many = numbers(2600, 2, ([a, b]) => a * b);
  const { plan, validation } = await fitTable(many, { task: "regression", timeBudget: 0.001, workers: 0 });
  expect(plan).toMatchObject({ batchSize: 256, epochs: 2 });
  expect(validation.candidates.some(({ trained }) => trained > 0)).toBe(true);
});

test("searches on as many folds as there is time for, and goes on with as many when there is none left", {
  timeout: 120_000,
}, async () => {
  const store = memoryStore();
  const options = { task: "regression", store } as const;
  // Enough for a fold of the search on a machine of which half does other work; where there is more time it takes more folds.
  const { plan, model } = await fitTable(wave, { ...options, timeBudget: 30 });
  expect(plan.searchFolds).toBeGreaterThanOrEqual(1);
  const { plan: same, model: again } = await fitTable(wave, { ...options, timeBudget: 0.001 });
  expect(same).toEqual(plan);
  expect(encodeModel(again)).toEqual(encodeModel(model));
});

test("refuses tables that are none, naming shapes and places", async () => {
  const fit = (x: number[], xs: number[], y: number[], ys: number[]) =>
    fitTable({ x: tensor(x, xs), y: tensor(y, ys) }, { task: "regression" });
  await expect(fit([1, 2, 3, 4], [4, 1], [1, 2, 3], [3, 1])).rejects.toThrow("got (4, 1) and (3, 1)");
  await expect(fit([1, 2, 3], [3, 1], [1, 2, 3], [3, 1])).rejects.toThrow("at least 4 rows, got 3");
  await expect(fit([1, 2, NaN, 4], [4, 1], [1, 2, 3, 4], [4, 1])).rejects.toThrow("x has NaN in row 2, column 0");
});
