// Thousands of requests, bad ones between the good: each is answered as it deserves, and the server holds no more memory afterwards.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Known, load } from "../../bench/load.ts";
import { decodeJsonRows, encodeJsonRows } from "../../src/table/json-rows.ts";
import { predict } from "../../src/train/predict.ts";
import { manyRows, model, preprocessing } from "./model.ts";
import { type ServerProcess, startProcess } from "./process.ts";

let server: ServerProcess;
let known: Known;
beforeAll(async () => {
  server = await startProcess();
  const rows = manyRows(500);
  const predictions = decodeJsonRows(await predict(model, encodeJsonRows(rows, preprocessing)), preprocessing);
  known = { rows, predictions, preprocessing };
}, 60_000);
afterAll(() => server.kill("SIGKILL"));

test("all are answered rightly, and memory stays", async () => {
  const options = { concurrency: 24, badShare: 0.3 };
  // The last body of a megabyte is held until another takes its place: a few small ones end every load.
  const calm = () => load(server.url, known, { concurrency: 1, badShare: 0, requests: 20, seed: 3 });
  // The first ones fill caches, compile and grow the heap.
  const first = await load(server.url, known, { ...options, requests: 1000, seed: 1 });
  const little = await calm();
  const before = await server.memory();
  const second = await load(server.url, known, { ...options, requests: 2500, seed: 2 });
  const more = await calm();
  const after = await server.memory();
  for (const { wrong } of [first, little, second, more]) expect(wrong).toEqual([]);
  expect(second.good + second.bad + second.cut).toBe(2500);
  expect(second.good).toBeGreaterThan(1500);
  expect(second.bad).toBeGreaterThan(500);
  expect(Object.keys(second.statuses).sort()).toEqual(["200", "400", "403", "404", "405", "413", "415"]);
  // A kilobyte kept of every request would be 2.5 MB.
  expect(after.held - before.held).toBeLessThan(1e6);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  const rows = Number(/^gmnm_predicted_rows_total (\d+)$/m.exec(metrics)![1]);
  expect(rows).toBe(first.rows + little.rows + second.rows + more.rows);
}, 120_000);
