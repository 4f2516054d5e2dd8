import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { toJs } from "../../src/export/js.ts";
import { gmnm } from "../../src/nn/gmnm.ts";
import { decodeJsonRows, encodeJsonRows } from "../../src/table/json-rows.ts";
import { novelty } from "../../src/train/novelty.ts";
import { predict } from "../../src/train/predict.ts";
import { mixedInputs, mixedRows, numbers, started, tableOf } from "./samples.ts";

test("x", async () => {
  const model = started(gmnm(10, 2));
  const p = tableOf(mixedInputs, numbers("y", "z"));
  writeFileSync("/tmp/model.mjs", toJs(model, p));
  const m = await import("/tmp/model.mjs");
  const x = encodeJsonRows(mixedRows, p);
  console.log(
    m.predict(mixedRows),
    m.novelty(mixedRows),
    decodeJsonRows(await predict(model, x), p),
    novelty(model, x),
  );
});
