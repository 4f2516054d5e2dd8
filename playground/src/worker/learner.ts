// One model in training.
import {
  type AnyLayer,
  adam,
  type CompiledFunction,
  compileFunction,
  countParameters,
  type Executor,
  initialParams,
  lbfgs,
  type Model,
  type np,
  type Params,
  type ParamTensors,
  placeParams,
  Random,
  readParams,
  relativeOver,
  type StepwiseTraining,
  stepwise,
  type Tensor,
  tree,
} from "../gmnm.ts";
import { type Edit, editComponent } from "../models/edit.ts";
import type { Problem } from "../tasks/problem.ts";
import { errorOf } from "./error.ts";
import { objectiveOf } from "./objectives.ts";

/** How to train; the learning rate is asked before every step, so it may change on the way. */
export type Training = {
  optimizer: "adam" | "lbfgs";
  learningRate: (step: number) => number;
  seed: number;
  executor: Executor;
};

/** Steps before which a KAN moves its grid to where its inputs now are; often at first. Our choice. */
const GRID_UPDATES = new Set([10, 20, 30, 40, 60, 80, 120, 160, 250, 330, 500]);

export class Learner {
  readonly layer: AnyLayer;
  readonly #problem: Problem;
  readonly #training: StepwiseTraining;
  readonly #apply: CompiledFunction;
  readonly #test: ReturnType<CompiledFunction["upload"]>;
  readonly #adapts: boolean;
  #params: ParamTensors;
  #stale = false;
  readonly parameters: number;
  loss = Number.NaN;
  steps = 0;
  /** Spent in steps, without the first, which compiles. */
  seconds = 0;
  converged = false;
  trouble: string | undefined;

  private constructor(
    layer: AnyLayer,
    params: ParamTensors,
    problem: Problem,
    training: StepwiseTraining,
    apply: CompiledFunction,
    adapts: boolean,
  ) {
    this.layer = layer;
    this.#params = params;
    this.#problem = problem;
    this.#training = training;
    this.#apply = apply;
    this.#test = apply.upload(problem.test.x);
    this.#adapts = adapts;
    this.parameters = countParameters(params);
  }

  /** A model before its first step; its start follows from the seed, or is given. */
  static async create(layer: AnyLayer, problem: Problem, training: Training, start?: ParamTensors): Promise<Learner> {
    const { executor, seed } = training;
    const params = start ?? initialParams(layer, new Random(seed), problem.sample);
    const rate = { learningRate: (step: number) => training.learningRate(step) };
    const relative = relativeOver(problem.sample.shape[1]);
    const steps = await stepwise(objectiveOf(layer, problem.loss), params, problem.data, {
      optimizer: training.optimizer === "adam" ? adam({ ...rate, beta2: 0.99, relative }) : lbfgs(),
      ...(training.optimizer === "adam" && { batchSize: problem.batchSize }),
      seed,
      executor,
    });
    const apply = await compileFunction((p: Params, x: np.Array) => layer.apply(p, x, {}), { executor });
    return new Learner(
      layer,
      params,
      problem,
      steps,
      apply,
      layer.adapt !== undefined && training.optimizer === "adam",
    );
  }

  /** Takes one step; a model that cannot go on stays as it is and says why. */
  async step(): Promise<void> {
    if (this.trouble || this.converged) return;
    const began = performance.now();
    if (this.#adapts && GRID_UPDATES.has(this.steps)) await this.#adapt();
    const { loss, converged } = await this.#training.step();
    if (this.steps > 0) this.seconds += (performance.now() - began) / 1000;
    if (!Number.isFinite(loss)) {
      this.trouble = `stopped at step ${this.steps + 1}: the loss is not finite. Try a lower learning rate`;
      return;
    }
    this.loss = loss;
    this.converged = converged;
    this.steps++;
    this.#stale = true;
  }

  async #adapt(): Promise<void> {
    const arrays = this.layer.adapt!(placeParams(await this.params()), this.#problem.sample) as Params;
    const adapted = readParams(arrays);
    tree.dispose(arrays);
    await this.replace(adapted);
  }

  async params(): Promise<ParamTensors> {
    if (this.#stale) this.#params = await this.#training.params();
    this.#stale = false;
    return this.#params;
  }

  async model(): Promise<Model> {
    return { layer: this.layer, params: await this.params() };
  }

  async replace(params: ParamTensors): Promise<void> {
    await this.#training.replace(params);
    this.#params = params;
    this.#stale = false;
    this.converged = false;
  }

  async edit(component: number, edit: Edit): Promise<void> {
    await this.replace(editComponent(await this.params(), component, edit));
  }

  upload(x: Tensor): ReturnType<CompiledFunction["upload"]> {
    return this.#apply.upload(x);
  }

  /** (rows, inFeatures) → (rows, outFeatures). */
  async predict(x: Tensor | ReturnType<CompiledFunction["upload"]>): Promise<Tensor> {
    return (await this.#apply(await this.params(), x)) as Tensor;
  }

  /** On rows that are not trained on, and what was said of them. */
  async test(): Promise<{ error: number; predictions: Tensor }> {
    const predictions = await this.predict(this.#test);
    return { error: errorOf(this.#problem.loss, predictions, this.#problem.test.y), predictions };
  }

  async dispose(): Promise<void> {
    await this.#training.dispose();
    this.#test.dispose();
    this.#apply.dispose();
  }
}
