import { describe, expect, it } from "vitest";
import { compare } from "../../experiments/shared/compare.ts";
import { formatMean, groupRows, leaders, reportPage } from "../../experiments/shared/report.ts";
import { experiment, plan } from "./fake.ts";

describe("the report", () => {
  const row = (model: string, mean: number, sd: number) => ({
    task: "a",
    model,
    optimizer: "adam",
    parameters: 100,
    msPerStep: 1,
    metric: "error",
    mean,
    sd,
    seeds: 3,
  });

  it("marks the best mean and what is level with it, and never a diverged model", () => {
    const rows = [row("best", 1, 0.1), row("level", 1.05, 0.1), row("worse", 2, 0.1), row("diverged", NaN, NaN)];
    expect([...leaders(rows)].map(({ model }) => model)).toEqual(["best", "level"]);
  });

  it("compares only what competes", () => {
    const groups = groupRows(
      [row("x", 1, 0), { ...row("x", 1, 0), parameters: 1590 }, { ...row("x", 1, 0), optimizer: "lbfgs" }],
      [100, 1600],
    );
    expect(groups.size).toBe(3);
  });

  it("writes small means and their spread on one scale", () => {
    expect(formatMean({ mean: 0.00213, sd: 0.00004 })).toBe("(2.13 ± 0.04)e-3");
    expect(formatMean({ mean: 4.571, sd: 0.318 })).toBe("4.57 ± 0.32");
    expect(formatMean({ mean: 0.002, sd: 0.281 })).toBe("0.00 ± 0.28");
    expect(formatMean({ mean: 0.0016, sd: 0.0158 })).toBe("(0.16 ± 1.58)e-2");
  });

  it("is one page with a table for every metric", async () => {
    const comparison = await compare(experiment, plan, {
      run: experiment.run,
      runAlone: experiment.run,
      report: () => {},
    });
    const page = reportPage("Title", [{ experiment, plan, comparison, generated: true }], [[]]);
    expect(page).toContain("All data here are generated.");
    expect(page).not.toContain("Seed by seed");
    expect(page).toContain("Error at equal time, adam");
    expect(page.match(/<table>/g)).toHaveLength(2);
  });
});
