import type { Executor } from "../../compile/executor.ts";
import { Random } from "../../random.ts";
import { mixtureChoices } from "./choose-mixture.ts";
import { judgingFolds } from "./fit-gmnm.ts";
import { trainMixture } from "./mixture.ts";
import type { ForecastPlan } from "./plan.ts";
import { millisecondsPerRivalStep } from "./rivals.ts";

/** Steps of one training: fewer learn nothing, more than these rarely help. Our choice. */
const [FEWEST, MOST] = [60, 1500];
const PROBED = 40;
/** The share of the time budget that trainings may take: linear forecasts and the unforeseen take the rest. */
const SHARE = 0.5;

/** A plan with as many steps per training as the time budget allows, by the time that a few steps take here. */
export async function stepsThatFit(
  plan: ForecastPlan,
  {
    targets,
    columns,
    timeBudget,
    executor,
  }: { targets: number; columns: number; timeBudget: number; executor?: Executor },
): Promise<ForecastPlan> {
  const { training } = plan;
  if (plan.model !== "gmnm") {
    const milliseconds = await millisecondsPerRivalStep(plan, columns, executor);
    return { ...plan, training: { members: 1, steps: clamp((timeBudget * SHARE * 1000) / milliseconds, 4 * MOST) } };
  }
  if (training.steps === 0) return plan;
  const choices = mixtureChoices(plan);
  const random = new Random(0);
  const rows = Math.min(256, targets * (plan.rows - plan.lookback - plan.horizon + 1));
  const largest = choices[choices.length - 1];
  const residuals = { x: random.normal([rows, largest.lags]), y: random.normal([rows, plan.horizon]) };
  const probe = async (steps: number) => {
    const began = performance.now();
    await trainMixture(largest, residuals, { steps, seed: 0, scales: { x: 1, y: 1 }, executor });
    return performance.now() - began;
  };
  const start = await probe(1);
  const milliseconds = Math.max(0.01, ((await probe(PROBED)) - start) / PROBED);
  const trainings = choices.length * judgingFolds(plan.rows, plan.folds) + training.members;
  const available = timeBudget * SHARE * 1000 - trainings * Math.max(0, start);
  const steps = available / trainings / milliseconds;
  return { ...plan, training: steps < FEWEST ? { steps: 0, members: 0 } : { ...training, steps: clamp(steps, MOST) } };
}

const clamp = (steps: number, most: number) => Math.round(Math.min(most, Math.max(FEWEST, steps)));
