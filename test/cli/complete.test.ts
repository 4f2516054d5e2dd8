import { expect, test } from "vitest";
import { gmnm } from "../run/small-run.ts";

test("the shell can be told what may come next", () => {
  const { status, stdout } = gmnm(["complete", "--", "fit", "--t"]);
  expect(status).toBe(0);
  const offered = stdout.split("\n").map((line) => line.split("\t")[0]);
  expect(offered).toEqual(expect.arrayContaining(["--target", "--task", "--test", "--time-budget"]));
  expect(gmnm(["complete", "bash"]).stdout).toContain("completion for gmnm");
});
