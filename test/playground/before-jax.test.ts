// What the worker puts in place before jax-js runs changes what steps cost and not what they compute.
import { expect, test } from "vitest";
import { startOf } from "../../playground/src/state/state.ts";
import { problemOf } from "../../playground/src/tasks/index.ts";
import { Session } from "../../playground/src/worker/session.ts";

async function lossesOfSomeSteps(): Promise<number[]> {
  const state = { ...startOf("function"), points: 60 };
  const session = await Session.begin(1, state, problemOf("function", state), "wasm");
  const losses: number[] = [];
  for (let i = 0; i < 5; i++) {
    await session.advance();
    losses.push(...session.learners.map(({ loss }) => loss));
  }
  await session.dispose();
  return losses;
}

test("kernels keep their instances, one per module and memory, and give the same numbers", async () => {
  const losses = await lossesOfSomeSteps();
  await import("../../playground/src/worker/before-jax.ts");
  expect(await lossesOfSomeSteps()).toEqual(losses);
  // (module (import "env" "memory" (memory 1)))
  const bytes = "00 61 73 6d 01 00 00 00 02 0f 01 03 65 6e 76 06 6d 65 6d 6f 72 79 02 00 01".split(" ");
  const module = new WebAssembly.Module(Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 16)));
  const [one, other] = [1, 1].map((initial) => new WebAssembly.Memory({ initial }));
  const instance = (memory: WebAssembly.Memory) => new WebAssembly.Instance(module, { env: { memory } });
  const first = instance(one);
  expect(instance(one)).toBe(first);
  expect(instance(other)).not.toBe(first);
});
