import { afterAll, describe, expect, test } from "vitest";
import { gmnmForecaster } from "../../src/models/gmnm-forecaster.ts";
import { linear } from "../../src/nn/linear.ts";
import { serve } from "../../src/serve/index.ts";
import { decodeJsonRows, encodeJsonRows, type JsonRow } from "../../src/table/json-rows.ts";
import { novelty } from "../../src/train/novelty.ts";
import { predict } from "../../src/train/predict.ts";
import {
  mixedInputs,
  number,
  numbers,
  plainSeries,
  plainTable,
  randomRows,
  started,
  tableOf,
} from "../export/samples.ts";
import { manyRows, model, preprocessing } from "./model.ts";
import { closeServers, post, startServer } from "./requests.ts";

afterAll(closeServers);

const server = await startServer();
const rows: JsonRow[] = [
  { area: 120, city: "Bonn", day: "2024-02-29" },
  { area: -3.5, city: "Rom", day: "31 Dec 2023", id: 7 },
  { area: null, city: 1, day: null },
  { area: 0, city: null, day: "2024-02", y: "?" },
];
const said = async (given: readonly JsonRow[]) =>
  decodeJsonRows(await predict(model, encodeJsonRows(given, preprocessing)), preprocessing);

describe("predictions", () => {
  test("in the order of the rows, in the targets' units", async () => {
    const { status, body, headers } = await post(server, { rows });
    expect(status).toBe(200);
    expect(body).toEqual({ predictions: await said(rows) });
    expect(headers.get("content-type")).toMatch(/^application\/json/);
    expect(headers.get("access-control-allow-origin")).toBeNull();
  });

  test("with novelty where it is asked for", async () => {
    const { body } = await post(server, { rows, novelty: true });
    expect(body.novelty).toEqual([...novelty(model, encodeJsonRows(rows, preprocessing))]);
    expect(body.predictions).toEqual(await said(rows));
  });

  test("of many requests at once, of one row and of hundreds, each gets its own", async () => {
    const many = manyRows(400);
    const all = await said(many);
    const requests = Array.from({ length: 80 }, (_, i) => ({
      from: (i * 37) % 300,
      rows: i % 9 === 0 ? 100 : 1 + (i % 4),
    }));
    const answers = await Promise.all(
      requests.map(({ from, rows: length }) => post(server, { rows: many.slice(from, from + length) })),
    );
    for (const [i, { from, rows: length }] of requests.entries()) {
      expect(answers[i].body).toEqual({ predictions: all.slice(from, from + length) });
    }
  });

  test("of classes, and no novelty where there is no mixture", async () => {
    const classes = tableOf([number("u"), number("v")], { kind: "classes", name: "kind", classes: ["a", "b"] });
    const classifier = started(linear(2, 2));
    const other = await startServer({ model: classifier, preprocessing: classes });
    const given = randomRows(["u", "v"], 5);
    const expected = decodeJsonRows(await predict(classifier, encodeJsonRows(given, classes)), classes);
    expect((await post(other, { rows: given })).body).toEqual({ predictions: expected });
    expect((await post(other, { rows: given, novelty: true })).body.error).toMatch('there is no field "novelty"');
    expect(await (await fetch(`${other.url}/schema`)).json()).toMatchObject({
      task: "classification",
      classes: ["a", "b"],
    });
  });

  test("of a series: its past in, what is to come out", async () => {
    const forecaster = started(gmnmForecaster(8, 3, { numComponents: 4 }));
    const series = plainSeries(8, 3, 2);
    const other = await startServer({ model: forecaster, preprocessing: series, limits: { rows: 5 } });
    const past = randomRows(["c0", "c1"], 8);
    const expected = decodeJsonRows(await predict(forecaster, encodeJsonRows(past, series)), series);
    expect((await post(other, { rows: past })).body).toEqual({ predictions: expected });
    expect((await post(other, { rows: past.slice(1) })).body).toEqual({ error: "a forecast needs at least 8 rows" });
    const gap = past.map((row, i) => (i === 3 ? { c0: 1 } : row));
    expect((await post(other, { rows: gap })).body).toEqual({ error: 'row 4, column "c1": it is not there' });
    const hole = past.map((row, i) => (i === 3 ? { c0: null, c1: 1 } : row));
    expect((await post(other, { rows: hole })).body).toEqual({ error: 'row 4, column "c0": expected a number' });
  });
});

describe("beside predictions", () => {
  test("the schema of a request", async () => {
    const schema = (await (await fetch(`${server.url}/schema`)).json()) as Record<string, unknown>;
    expect(schema).toMatchObject({ task: "regression", columns: ["area", "city", "day"], targets: ["y", "z"] });
    expect(schema.request).toMatchObject({
      required: ["rows"],
      properties: { rows: { minItems: 1, maxItems: 1000, items: { additionalProperties: false } } },
    });
  });

  test("health", async () => {
    expect(await (await fetch(`${server.url}/health`)).json()).toMatchObject({ status: "ok" });
  });

  test("metrics count requests by status, their times, and rows", async () => {
    const other = await startServer();
    await post(other, { rows });
    await post(other, { rows: rows.slice(0, 1) });
    await post(other, { rows: [] });
    await fetch(`${other.url}/what/ever`);
    await fetch(`${other.url}/what/else`);
    const response = await fetch(`${other.url}/metrics`);
    expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const lines = (await response.text()).split("\n");
    expect(lines).toContain('gmnm_http_requests_total{method="POST",route="/predict",status="200"} 2');
    expect(lines).toContain('gmnm_http_requests_total{method="POST",route="/predict",status="400"} 1');
    expect(lines).toContain('gmnm_http_requests_total{method="any",route="other",status="404"} 2');
    expect(lines).toContain("gmnm_predicted_rows_total 5");
    expect(lines).toContain("gmnm_http_request_duration_seconds_count 5");
    expect(lines.find((line) => line.startsWith("process_resident"))).toMatch(/ \d{7,}$/);
    const buckets = lines.filter((line) => line.includes("_bucket")).map((line) => Number(line.split(" ")[1]));
    expect(buckets).toEqual(buckets.toSorted((a, b) => a - b));
    expect(buckets.at(-1)).toBe(5);
  });
});

describe("does not start", () => {
  test("on a port that is taken", async () => {
    const port = Number(new URL(server.url).port);
    await expect(serve({ model, preprocessing, port })).rejects.toThrow(
      `gmnm: cannot serve on 127.0.0.1, port ${port}: something else listens there already`,
    );
    await expect(serve({ model, preprocessing, port: 70_000 })).rejects.toThrow(/a port is a number from 0 to 65535/);
  });

  test("with preprocessing that is not the model's", async () => {
    await expect(serve({ model, preprocessing: plainTable(3, 2), port: 0 })).rejects.toThrow(
      /gmnm expected x of shape/,
    );
    await expect(serve({ model, preprocessing: tableOf(mixedInputs, numbers("y")), port: 0 })).rejects.toThrow(
      "gmnm: the preprocessing does not belong to the model: it expects outputs of shape (1, 1), got (1, 2)",
    );
  });
});
