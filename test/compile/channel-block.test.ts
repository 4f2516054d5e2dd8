import { expect, test } from "vitest";
import { channelBlockOf } from "../../src/compile/channel-block.ts";
import { loadRuntime } from "../../src/compile/session.ts";
import { nativeTest } from "./native.ts";

nativeTest("a block is as many numbers as a vector register holds, or there is none", async () => {
  const ort = (await loadRuntime())!;
  const block = await channelBlockOf(ort);
  expect([undefined, 8, 16]).toContain(block);
  if (process.arch === "x64") expect(block).toBeDefined();
  expect(await channelBlockOf(ort)).toBe(block);
});

test("a runtime without such operators has none", async () => {
  const refusing = { InferenceSession: { create: () => Promise.reject(new Error("no such operator")) } };
  expect(await channelBlockOf(refusing as never)).toBeUndefined();
});
