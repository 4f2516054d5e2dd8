import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { predictInDouble } from "../../src/export/compare.ts";
import { jsLayers } from "../../src/export/js-layers.ts";
import { pytorchLayers } from "../../src/export/pytorch-layers.ts";
import { batchNorm, dropout, gmnm, linear, sequential } from "../../src/nn/index.ts";
import { namedTensors } from "../../src/params.ts";
import { encodeJsonRows } from "../../src/table/json-rows.ts";
import { novelty } from "../../src/train/novelty.ts";
import { predict } from "../../src/train/predict.ts";
import { relativeError } from "../gradients.ts";
import { exportCases } from "./layer-cases.ts";
import { nested } from "./modules.ts";
import { python, removeFolders, runProgram, write } from "./python.ts";
import { plainTable, randomRows, started } from "./samples.ts";

afterAll(removeFolders);

test("PyTorch has every layer that JavaScript has", () => {
  const helpers = ["perVector", "affine", "functions", "add", "movingAverage", "lstmSteps", "squaredDistances"];
  const layers = Object.keys(jsLayers).filter((name) => !helpers.includes(name));
  expect(layers.filter((type) => !(type in pytorchLayers))).toEqual([]);
});

describe.skipIf(!python)("with PyTorch", () => {
  describe("every layer says what it says here", () => {
    let said: { single: unknown[]; double: unknown[]; names: string[] }[];
    beforeAll(async () => {
      const paths = await Promise.all(exportCases.map(({ model }) => write(model, plainTable(1, 1))));
      // One process for all: to import torch takes seconds.
      const program = `
results = []
for path, x in json.load(sys.stdin):
    model = module_at(path).load()
    with torch.no_grad():
        single = model(torch.tensor(x)).flatten().tolist()
        double = model.double()(torch.tensor(x, dtype=torch.float64)).flatten().tolist()
    results.append({"single": single, "double": double, "names": list(model.state_dict())})
json.dump(results, sys.stdout)`;
      const inputs = exportCases.map(({ x }, i) => [paths[i], nested(x)]);
      said = (await runProgram(program, inputs)) as typeof said;
    }, 120_000);

    test.each(exportCases.map(({ name }, i) => [name, i] as const))("%s", async (_, i) => {
      const { model, x } = exportCases[i];
      expect(said[i].names.toSorted()).toEqual(
        namedTensors(model.params)
          .map(([name]) => name)
          .toSorted(),
      );
      expect(relativeError(said[i].double as number[], (await predictInDouble(model, x)).data)).toBeLessThan(1e-6);
      // Two evaluations in float32, each a few roundings of 6e-8 away from the truth.
      expect(relativeError(said[i].single as number[], (await predict(model, x)).data)).toBeLessThan(1e-5);
    });
  });

  test("novelty, and training that goes on", async () => {
    const mixture = started(gmnm(3, 1, { numComponents: 5 }));
    const network = started(sequential(linear(3, 8), batchNorm(8), dropout(0.2), linear(8, 1)));
    const paths = [await write(mixture, plainTable(3, 1)), await write(network, plainTable(3, 1))];
    const rows = randomRows(["x0", "x1", "x2"], 6);
    const program = `
paths, rows = json.load(sys.stdin)
torch.manual_seed(1)
result = {"novelty": module_at(paths[0]).novelty(rows), "losses": [], "moved": []}
for path in paths:
    model = module_at(path).load().train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    x = torch.randn(64, 3)
    y = 2 * x[:, :1] + 3
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    losses = []
    for _ in range(150):
        optimizer.zero_grad()
        loss = (model(x) - y).square().mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    result["losses"].append([losses[0], losses[-1]])
    result["moved"].append([name for name, value in model.state_dict().items() if not value.equal(before[name])])
json.dump(result, sys.stdout)`;
    const result = (await runProgram(program, [paths, rows])) as {
      novelty: number[];
      losses: [number, number][];
      moved: string[][];
    };
    const distances = novelty(mixture, encodeJsonRows(rows, plainTable(3, 1)));
    expect(relativeError(result.novelty, distances)).toBeLessThan(1e-5);
    for (const [first, last] of result.losses) expect(last).toBeLessThan(0.6 * first);
    // Everything learns, and batch normalisation's running statistics move.
    expect(result.moved.map((names) => names.length)).toEqual(
      [mixture, network].map(({ params }) => namedTensors(params).length),
    );
  }, 60_000);
});
