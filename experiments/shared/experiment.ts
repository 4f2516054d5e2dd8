import type { ParamTensors } from "../../src/params.ts";
import type { ReportSection } from "../../src/plot/index.ts";

/** What is tuned: every model gets the same list of these to choose from. */
export type Setting = { learningRate: number; weightDecay?: number };

/** One model trained once on one task. Plain data: trials travel to worker threads. */
export type Trial = {
  experiment: string;
  task: string;
  model: string;
  /** Number of parameters asked for. */
  size: number;
  optimizer: string;
  setting: Setting;
  seed: number;
  steps: number;
  /** What its outcome is for: to choose a setting, for the table, or for the time of a step alone. Default "table". */
  purpose?: "tuning" | "table" | "timing";
  /** Where real data files lie, if there are any. */
  data?: string;
};

/** What a trial gives back. */
export type Outcome = {
  /** Measured on data that is neither trained on nor tested on; chooses the setting. */
  validation: number;
  /** Measured on test data; what the tables show. */
  test: number;
  /** Further measures by name; each gets a table of its own. */
  measures?: Record<string, number>;
  parameters: number;
  /** Median over the trial's own steps, in milliseconds. */
  msPerStep: number;
  /** Training loss by step. */
  curve: { x: number[]; y: number[] };
  params: ParamTensors;
};

export type RunTrial = (trial: Trial) => Promise<Outcome>;

/** What is compared, and how thoroughly. */
export type Plan = {
  tasks: string[];
  models: string[];
  sizes: number[];
  optimizers: string[];
  settings: Setting[];
  /** Each trial of the table runs this often; a seed draws the data and starts the parameters. */
  seeds: number;
  steps: number;
  /** Steps of the trials that choose a setting. */
  tuningSteps: number;
  /** Trials per setting, whose mean decides. Default 1. */
  tuningSeeds?: number;
  /** What is different for a task. */
  exceptions?: Record<string, Partial<Pick<Plan, "steps" | "tuningSteps" | "settings">>>;
  /** Compares at the training time of the first model, too, at this size. */
  equalTimeSize?: number;
};

/** An experiment: one folder, one file of protocol, run by `gmnm reproduce NAME`. */
export interface Experiment {
  name: string;
  title: string;
  /** The question, the protocol and the metric, for the report. */
  intro: string;
  metric: string;
  /** True when the data are made by a formula or a generator. */
  generated(data: string | undefined): boolean;
  /** Tasks of one kind have data of the same shapes, so that a step takes the same time. */
  kindOf(task: string): string;
  plan(scale: "quick" | "full", data: string | undefined): Plan;
  /** False for combinations that do not exist, such as a model for images on a table. Default: all exist. */
  has?(cell: Pick<Trial, "task" | "model" | "size" | "optimizer">): boolean;
  run(trial: Trial): Promise<Outcome>;
  figures(runs: readonly Run[], plan: Plan): Promise<ReportSection[]>;
}

/** A trial of the table with its outcome. */
export type Run = { trial: Trial; outcome: Outcome };

/** A line of the table. */
export type Row = {
  task: string;
  model: string;
  optimizer: string;
  parameters: number;
  msPerStep: number;
  metric: string;
  mean: number;
  sd: number;
  seeds: number;
  /** This model minus the best of those without mixtures, seed by seed, for the experiment's own metric. */
  difference?: { from: string; mean: number; sd: number };
};
