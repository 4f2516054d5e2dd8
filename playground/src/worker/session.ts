// A task and its models, trained side by side: every model takes a step, then the next step begins.
import { type AnyLayer, type Executor, type ParamTensors, ready, type Tensor } from "../gmnm.ts";
import { buildLayer } from "../models/build.ts";
import type { State } from "../state/state.ts";
import { gridOf, isDrawnWhole, type Problem } from "../tasks/problem.ts";
import { Learner, type Training } from "./learner.ts";
import { curvesInside, isMixture, noveltyField, packComponents, pictures } from "./look-inside.ts";
import { type Frame, type ModelFrame, noProgress, type Progress, type Tuning } from "./messages.ts";
import { learningRateAt } from "./schedule.ts";

/** Rows on which the activity of components is measured. */
const SAMPLE_ROWS = 256;
/** Pictures of Gaussians of a model of images. */
const PICTURES = 12;

/** Every so many steps the test error is measured: often at first. The curve must not depend on the machine's speed. */
const measures = (step: number): boolean => (step < 100 ? step % 10 === 0 : step % 50 === 0);
/** All losses of the first steps, then every tenth. */
const records = (step: number): boolean => step <= 200 || step % 10 === 0;

/** What is drawn of predictions (n, 1), or of the logits of two classes (n, 2). */
const heights = ({ data, shape }: Tensor): Float32Array =>
  shape[1] === 1 ? data : Float32Array.from({ length: shape[0] }, (_, i) => data[2 * i + 1] - data[2 * i]);

export class Session {
  readonly run: number;
  readonly problem: Problem;
  readonly learners: Learner[] = [];
  tuning: Tuning;
  step = 0;
  readonly #sample: Tensor;
  readonly #grid: Tensor | undefined;
  readonly #training: Training;
  readonly #placedGrids: (ReturnType<Learner["upload"]> | undefined)[] = [];
  readonly #progress: Progress[] = [];
  readonly #errors: number[] = [];

  private constructor(run: number, { optimizer, seed, ...tuning }: State, problem: Problem, executor: Executor) {
    this.run = run;
    this.problem = problem;
    this.tuning = tuning;
    this.#training = { optimizer, seed, executor, learningRate: (step) => learningRateAt(step, this.tuning) };
    this.#grid = problem.grid ?? gridOf(problem.view);
    const { data, shape } = problem.sample;
    const rows = Math.min(SAMPLE_ROWS, shape[0]);
    this.#sample = { data: data.subarray(0, rows * shape[1]), shape: [rows, shape[1]] };
  }

  /** The models of a state before their first step. */
  static async begin(run: number, state: State, problem: Problem, executor: Executor): Promise<Session> {
    await ready(executor);
    const session = new Session(run, state, problem, executor);
    try {
      for (const [i, spec] of state.models.entries())
        session.#place(i, await session.learn(buildLayer(spec, problem.inFeatures, problem.outFeatures)));
    } catch (error) {
      await session.dispose();
      throw error;
    }
    await session.#measure();
    return session;
  }

  /** A learner of the session's problem that is none of its own yet. */
  learn(layer: AnyLayer, start?: ParamTensors): Promise<Learner> {
    return Learner.create(layer, this.problem, this.#training, start);
  }

  #place(i: number, learner: Learner): void {
    this.learners[i] = learner;
    this.#placedGrids[i] = this.#grid && learner.upload(this.#grid);
    this.#progress[i] = noProgress();
    this.#errors[i] = Number.NaN;
  }

  /** One step of every model. */
  async advance(): Promise<void> {
    for (const [i, learner] of this.learners.entries()) {
      await learner.step();
      if (learner.steps > this.step && records(learner.steps)) {
        this.#progress[i].steps.push(learner.steps);
        this.#progress[i].losses.push(learner.loss);
      }
    }
    this.step++;
    if (measures(this.step)) await this.#measure();
  }

  /** Nothing is left to train. */
  get finished(): boolean {
    return this.learners.every(({ converged, trouble }) => converged || trouble !== undefined);
  }

  async #measure(): Promise<void> {
    for (const [i, learner] of this.learners.entries()) {
      if (learner.steps < this.step) continue; // it has stopped
      const { error } = await learner.test();
      this.#errors[i] = error;
      this.#progress[i].errorSteps.push(learner.steps);
      this.#progress[i].errors.push(error);
      this.#progress[i].errorSeconds.push(learner.seconds);
    }
  }

  /** A new measurement outside of the curve, after the user has changed a model. */
  async remeasure(model: number): Promise<void> {
    this.#errors[model] = (await this.learners[model].test()).error;
  }

  /** Everything the page draws. */
  async frame(playing: boolean): Promise<Frame> {
    const models: ModelFrame[] = [];
    for (const i of this.learners.keys()) models.push(await this.#modelFrame(i));
    return { run: this.run, step: this.step, playing, models };
  }

  async #modelFrame(i: number): Promise<ModelFrame> {
    const learner = this.learners[i];
    const { view } = this.problem;
    const model = await learner.model();
    const progress = this.#progress[i];
    this.#progress[i] = noProgress();
    const mixture = isMixture(model);
    const placed = this.#placedGrids[i];
    const frame: ModelFrame = {
      parameters: learner.parameters,
      loss: learner.loss,
      error: this.#errors[i],
      seconds: learner.seconds,
      stepsPerSecond: learner.seconds > 0 ? (learner.steps - 1) / learner.seconds : 0,
      trouble: learner.trouble,
      converged: learner.converged,
      progress,
    };
    if (placed) frame.field = heights(await learner.predict(placed));
    else if (view.kind === "rows") frame.field = (await learner.test()).predictions.data;
    const drawn = mixture && isDrawnWhole(this.problem);
    if (drawn) frame.components = packComponents(model, this.#sample);
    if (drawn && this.tuning.novelty) frame.novelty = noveltyField(model, view);
    if (mixture && view.kind === "digits") frame.pictures = pictures(model, this.#sample, PICTURES);
    frame.inside = curvesInside(model);
    return frame;
  }

  /** What every model says of one row: probabilities. */
  async classify(row: Float32Array<ArrayBuffer>): Promise<number[][]> {
    const said: number[][] = [];
    for (const learner of this.learners) {
      const { data } = await learner.predict({ data: row, shape: [1, row.length] });
      const top = Math.max(...data);
      const shares = Array.from(data, (logit) => Math.exp(logit - top));
      const total = shares.reduce((sum, share) => sum + share, 0);
      said.push(shares.map((share) => share / total));
    }
    return said;
  }

  /** A model of a file in the place of one that is here. */
  async exchange(i: number, learner: Learner): Promise<void> {
    await this.#release(i);
    this.#place(i, learner);
    learner.steps = this.step;
    await this.remeasure(i);
  }

  async #release(i: number): Promise<void> {
    this.#placedGrids[i]?.dispose();
    await this.learners[i].dispose();
  }

  async dispose(): Promise<void> {
    for (const i of this.learners.keys()) await this.#release(i);
  }
}
