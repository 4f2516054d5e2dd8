import type { Experiment, Outcome, Plan, Row, Run, RunTrial, Setting, Trial } from "./experiment.ts";
import { mean, median, standardDeviation } from "./statistics.ts";

/** Everything an experiment found. */
export type Comparison = { rows: Row[]; runs: Run[]; settings: Record<string, Setting> };

type Cell = Pick<Trial, "task" | "model" | "size" | "optimizer">;
/** Reports progress: a phase, how many of its trials are done, and how many there are. */
export type Report = (phase: string, done: number, total: number) => void;

/**
 * Tunes every model on every task with the same list of settings, runs the chosen ones with several seeds, times their steps on an idle
 * machine, and runs them again for equal times.
 */
export async function compare(
  experiment: Experiment,
  plan: Plan,
  { run, runAlone, data, report }: { run: RunTrial; runAlone: RunTrial; data?: string; report: Report },
): Promise<Comparison> {
  const cells = combinations(plan).filter((cell) => experiment.has?.(cell) ?? true);
  const planOf = ({ task }: Cell): Plan => ({ ...plan, ...plan.exceptions?.[task] });
  const trial = (
    cell: Cell,
    setting: Setting,
    seed: number,
    steps: number,
    purpose: Trial["purpose"] = "table",
  ): Trial => ({ experiment: experiment.name, ...cell, setting, seed, steps, purpose, data });
  const all = async (phase: string, trials: Trial[]): Promise<Run[]> => {
    let done = 0;
    report(phase, 0, trials.length);
    return Promise.all(
      trials.map(async (trial) => {
        const outcome = await run(trial);
        report(phase, ++done, trials.length);
        return { trial, outcome };
      }),
    );
  };

  const tuned = cells.filter(({ optimizer }) => needsSetting(optimizer));
  const tuningSeeds = range(plan.tuningSeeds ?? 1);
  // Of one setting there is nothing to choose.
  const choosing = tuned.filter((cell) => planOf(cell).settings.length > 1);
  const tuning = await all(
    "tuning",
    choosing.flatMap((cell) => {
      const { settings, tuningSteps } = planOf(cell);
      return settings.flatMap((s) => tuningSeeds.map((seed) => trial(cell, s, seed, tuningSteps, "tuning")));
    }),
  );
  const settings: Record<string, Setting> = {};
  for (const cell of cells) {
    const errorOf = (setting: Setting) => {
      const own = tuning.filter(({ trial }) => nameOf(trial) === nameOf(cell) && trial.setting === setting);
      return own.reduce((sum, { outcome }) => sum + outcome.validation, 0);
    };
    const finite = planOf(cell).settings.filter((setting) => Number.isFinite(errorOf(setting)));
    settings[nameOf(cell)] = finite.sort((a, b) => errorOf(a) - errorOf(b))[0] ?? planOf(cell).settings[0];
  }
  const seeds = range(plan.seeds);
  const runs = await all(
    "training",
    cells.flatMap((cell) => seeds.map((seed) => trial(cell, settings[nameOf(cell)], seed, planOf(cell).steps))),
  );
  const times = await timeSteps(
    cells,
    plan,
    experiment.kindOf,
    (cell) => runAlone(trial(cell, settings[nameOf(cell)], 0, TIMED_STEPS, "timing")),
    report,
  );
  const runsOf = (cell: Cell) => runs.filter(({ trial }) => nameOf(trial) === nameOf(cell));
  const rows = cells.map((cell) => toRow(cell, runsOf(cell), experiment.metric, times));
  for (const [i, cell] of cells.entries()) rows[i].difference = differenceFromRivals(cell, cells, runsOf);
  // What else was measured makes tables of its own.
  for (const cell of cells) {
    for (const metric of Object.keys(runsOf(cell)[0].outcome.measures ?? {})) {
      rows.push(toRow(cell, runsOf(cell), metric, times, ({ measures = {} }) => measures[metric] ?? NaN));
    }
  }

  if (plan.equalTimeSize !== undefined) {
    const timed = tuned.filter(({ size }) => size === plan.equalTimeSize);
    const budget = (cell: Cell) => plan.steps * times[nameOf({ ...cell, model: plan.models[0] })];
    const steps = (cell: Cell) => Math.max(10, Math.round(budget(cell) / times[nameOf(cell)]));
    const again = await all(
      "equal time",
      timed.flatMap((cell) => seeds.map((seed) => trial(cell, settings[nameOf(cell)], seed, steps(cell)))),
    );
    for (const cell of timed) {
      const own = again.filter(({ trial }) => nameOf(trial) === nameOf(cell));
      rows.push(toRow(cell, own, `${experiment.metric} at equal time`, times));
    }
  }
  return { rows, runs, settings };
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** L-BFGS chooses its own steps. */
export const needsSetting = (optimizer: string): boolean => optimizer !== "lbfgs";

const combinations = ({ tasks, models, sizes, optimizers }: Plan): Cell[] =>
  tasks.flatMap((task) =>
    sizes.flatMap((size) =>
      optimizers.flatMap((optimizer) => models.map((model) => ({ task, model, size, optimizer }))),
    ),
  );

/** The name under which a table's line keeps its setting. */
export const nameOf = ({ task, model, size, optimizer }: Cell): string => `${task} / ${model} / ${size} / ${optimizer}`;

const TIMED_STEPS = 16;
const TIMED_ROUNDS = 2;
/** Median milliseconds per step, one trial at a time with nothing else running, the models taking turns. */
async function timeSteps(
  cells: Cell[],
  plan: Plan,
  kindOf: (task: string) => string,
  runAlone: (cell: Cell) => Promise<Outcome>,
  report: Report,
): Promise<Record<string, number>> {
  // Tasks of one kind have steps of the same shapes: the first stands for all.
  const peers = (cell: Cell) => plan.tasks.filter((task) => kindOf(task) === kindOf(cell.task));
  const first = cells.filter((cell) => peers(cell)[0] === cell.task);
  const samples: Record<string, number[]> = {};
  let done = 0;
  for (let round = 0; round < TIMED_ROUNDS; round++) {
    for (const cell of first) {
      const { msPerStep } = await runAlone(cell);
      for (const task of peers(cell)) {
        const name = nameOf({ ...cell, task });
        samples[name] = [...(samples[name] ?? []), msPerStep];
      }
      report("timing", ++done, first.length * TIMED_ROUNDS);
    }
  }
  return Object.fromEntries(Object.entries(samples).map(([key, values]) => [key, median(values)]));
}

/** The test error of a model with mixtures minus that of the best one without, of the same seed: mean and spread. */
function differenceFromRivals(cell: Cell, cells: readonly Cell[], runsOf: (cell: Cell) => Run[]): Row["difference"] {
  if (!isOurs(cell.model)) return undefined;
  const error = (of: Cell) => mean(runsOf(of).map(({ outcome }) => outcome.test));
  const compete = (of: Cell) => nameOf({ ...of, model: cell.model }) === nameOf(cell);
  const rivals = cells.filter((of) => compete(of) && !isOurs(of.model) && Number.isFinite(error(of)));
  if (rivals.length === 0) return undefined;
  const best = rivals.reduce((a, b) => (error(b) < error(a) ? b : a));
  const theirs = new Map(runsOf(best).map(({ trial, outcome }) => [trial.seed, outcome.test]));
  const differences = runsOf(cell).map(({ trial, outcome }) => outcome.test - theirs.get(trial.seed)!);
  return { from: best.model, mean: mean(differences), sd: standardDeviation(differences) };
}

/** Models with mixtures are named after them. */
const isOurs = (model: string): boolean => /GMNM|Gaussian/.test(model);

function toRow(
  cell: Cell,
  runs: Run[],
  metric: string,
  times: Record<string, number>,
  measure: (outcome: Outcome) => number = ({ test }) => test,
): Row {
  const values = runs.map(({ outcome }) => measure(outcome));
  return {
    task: cell.task,
    model: cell.model,
    optimizer: cell.optimizer,
    parameters: Math.max(...runs.map(({ outcome }) => outcome.parameters)),
    msPerStep: times[nameOf(cell)],
    metric,
    mean: mean(values),
    sd: standardDeviation(values),
    seeds: values.length,
  };
}
