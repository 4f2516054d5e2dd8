import { mkdirSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { toPytorch } from "../../src/export/pytorch.ts";
import { save } from "../../src/io/file.ts";
import { gmnm } from "../../src/nn/gmnm.ts";
import { decodeJsonRows, encodeJsonRows } from "../../src/table/json-rows.ts";
import { novelty } from "../../src/train/novelty.ts";
import { predict } from "../../src/train/predict.ts";
import { mixedInputs, mixedRows, numbers, started, tableOf } from "./samples.ts";

test("x", async () => {
  const model = started(gmnm(10, 2));
  const p = tableOf(mixedInputs, numbers("y", "z"));
  mkdirSync("/tmp/pt", { recursive: true });
  writeFileSync("/tmp/pt/model.py", toPytorch(model, p));
  await save(model, "/tmp/pt/model.safetensors");
  writeFileSync(
    "/tmp/pt/rows.csv",
    "area,city,day,extra\n120,Bonn,2024-02-29,1\n-3.5,Rom,2023-12-31T23:59:59.5+02:00,1\n,1,2020-07,\n,,,\n17,,1999-12-31 06:30,",
  );
  const x = encodeJsonRows(mixedRows, p);
  console.log(decodeJsonRows(await predict(model, x), p), novelty(model, x));
});
