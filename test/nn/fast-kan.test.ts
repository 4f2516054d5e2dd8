import { describe, test } from "vitest";
import { expectGolden, fixture } from "../golden.ts";

describe("values and gradients agree with the golden ones", () => {
  test.each(fixture("fast-kan"))("$name", expectGolden);
});
