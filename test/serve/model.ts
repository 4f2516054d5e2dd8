// What the servers of these tests serve.
import { gmnm } from "../../src/nn/gmnm.ts";
import { mixedInputs, numbers, started, tableOf } from "../export/samples.ts";

export const model = started(gmnm(10, 2));
export const preprocessing = tableOf(mixedInputs, numbers("y", "z"), [{ name: "id", reason: "an identifier" }]);
