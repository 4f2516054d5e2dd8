// The whole state of the page in one plain object: what a link says, and what a run follows from.
import { matched } from "../models/count.ts";
import { type ModelSpec, newModel } from "../models/spec.ts";
import { choice, flag, initialValues, number, text, type Values, whole } from "./fields.ts";

export const fields = {
  task: choice(["function", "classes", "poisson", "curve", "digits", "table"], "function"),
  fn: choice(["franke", "waves", "sines", "exp-sine", "radius", "ridge", "bessel", "formula"], "franke"),
  formula: text(200, "sin(3*x) * cos(2*y)"),
  shape: choice(["circle", "spiral", "moons", "xor"], "spiral"),
  curve: choice(["chirp", "bumps", "step", "formula"], "chirp"),
  formula1: text(200, "abs(sin(4*x)) - x/2"),
  points: whole(20, 2000, 400),
  noise: number(0, 0.5, 0),
  seed: whole(0, 9999, 1),
  match: flag(true),
  optimizer: choice(["adam", "lbfgs"], "adam"),
  learningRate: number(0.0001, 1, 0.03),
  decay: flag(true),
  executor: choice(["wasm", "webgpu"], "wasm"),
  speed: choice(["slow", "normal", "fast"], "normal"),
  until: whole(0, 100_000, 0),
  components: flag(true),
  dots: flag(false),
  novelty: flag(false),
  hero: whole(0, 3, 0),
} as const;

export type State = Values<typeof fields> & { models: ModelSpec[] };
export type TaskName = State["task"];

export type Features = readonly [inFeatures: number, outFeatures: number];
/** What a model of a task takes and gives; of a table only the file knows. */
export const featuresOf: Record<TaskName, Features> = {
  function: [2, 1],
  classes: [2, 1],
  poisson: [2, 1],
  curve: [1, 1],
  digits: [196, 10],
  table: [2, 1],
};

/** The models a task starts with, all with the parameters of the first. */
export const initialModels = (task: TaskName): ModelSpec[] => matched(firstModels(task), ...featuresOf[task]);

function firstModels(task: TaskName): ModelSpec[] {
  // Pixels: no box to fill, two directions per Gaussian, and P μ in the place of μ, which would be an image each.
  const pixels = newModel("gmnm", { covariance: "lowRank", rank: 2, centers: "projected", initializer: "sampled" });
  if (task === "digits") return [pixels, newModel("mlp", { depth: 1, activation: "relu" })];
  // Second derivatives cost: two models, and half the points below.
  if (task === "poisson") return [newModel("gmnm", { width: 1.5 }), newModel("mlp")];
  return [newModel("gmnm"), newModel("mlp"), newModel("kan")];
}

/** What a task starts with. */
export const startOf = (task: TaskName): State => ({
  ...initialValues(fields),
  task,
  points: task === "poisson" ? 200 : fields.points.initial,
  learningRate: task === "digits" ? 0.01 : fields.learningRate.initial,
  models: initialModels(task),
});

export const initialState = (): State => startOf("function");
