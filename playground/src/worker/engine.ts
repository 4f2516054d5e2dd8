// The worker's side of messages.ts: one session at a time, and the loop that trains it.
import type { Table } from "../../../src/table/table.ts";
import { type Choice, TableError, type TableSummary } from "../csv/table.ts";
import { decodeModel, encodeModel, GmnmError, type Preprocessing, reasonOf, toOnnx } from "../gmnm.ts";
import type { Edit } from "../models/edit.ts";
import type { State } from "../state/state.ts";
import { centred } from "../tasks/digits.ts";
import { FormulaError } from "../tasks/formula.ts";
import { problemOf } from "../tasks/index.ts";
import type { Problem } from "../tasks/problem.ts";
import type { Learner } from "./learner.ts";
import type { Engine, Frame, Reply, SetUp, Tuning } from "./messages.ts";
import { breathe, isDue, Pace, SLICE, sleep } from "./pace.ts";
import { Session } from "./session.ts";

/** What reads the user's tables is loaded with the first of them. */
const csv = () => import("../csv/read-csv.ts");

/** A sentence for the user where it is the user's mistake, or the library's refusal; other errors go through. */
async function replying<T>(work: () => Promise<T>): Promise<Reply<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    if (error instanceof GmnmError || error instanceof TableError || error instanceof FormulaError)
      return { refusal: reasonOf(error) };
    throw error;
  }
}

/** Puts the model of a file in the place of one of a session. @throws GmnmError, one sentence, when it does not fit the task. */
async function open(session: Session, i: number, { name, bytes }: { name: string; bytes: Uint8Array }): Promise<void> {
  const { layer, params } = decodeModel(bytes, { source: name });
  const { problem } = session;
  let learner: Learner | undefined;
  try {
    learner = await session.learn(layer, params);
    const { shape } = await learner.predict(problem.test.x);
    if (shape.length !== 2 || shape[1] !== problem.outFeatures) throw new GmnmError(`it has ${shape[1]} outputs`);
  } catch (error) {
    await learner?.dispose();
    if (!(error instanceof GmnmError)) throw error;
    const task = `this task of ${problem.inFeatures} inputs and ${problem.outFeatures} outputs`;
    throw new GmnmError(`${name} does not fit ${task}: ${reasonOf(error)}`);
  }
  await session.exchange(i, learner);
}

export class TrainingEngine implements Engine {
  #session: Session | undefined;
  #table: Table | undefined;
  #run = 0;
  #playing = false;
  #held = false;
  #show: ((frame: Frame) => Promise<void>) | undefined;
  #shown: Promise<void> | undefined;
  #lastFrame = { ended: 0, took: 0 };
  /** What is done to the session is done one after another. */
  #queue: Promise<unknown> = Promise.resolve();
  #looping = false;

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => {});
    return done;
  }

  onFrame(show: (frame: Frame) => Promise<void>): void {
    this.#show = show;
  }

  setUp(state: State, choice?: Choice): Promise<Reply<SetUp>> {
    this.#playing = false;
    this.#held = false;
    const run = ++this.#run;
    return this.#exclusive(() =>
      replying(async () => {
        const problem = await this.#problemOf(state, choice);
        await this.#session?.dispose();
        this.#session = undefined;
        let executor: "wasm" | "webgpu" = state.executor;
        let note: string | undefined;
        if (executor === "webgpu" && !(await this.hasWebGpu())) {
          executor = "wasm";
          note = "This browser has no WebGPU: wasm computes instead";
        }
        const session = await Session.begin(run, state, problem, executor);
        this.#session = session;
        if (choice?.run) await open(session, 0, choice.run);
        await this.#send();
        const { view, inFeatures, outFeatures, notes = [] } = problem;
        return { run, view, inFeatures, outFeatures, note, notes };
      }),
    );
  }

  async #problemOf(state: State, choice: Choice | undefined): Promise<Problem> {
    if (state.task !== "table") return problemOf(state.task, state);
    if (!this.#table || !choice) throw new TableError("choose a CSV file to learn from");
    const { tableProblem } = await import("../tasks/table.ts"); // with all that makes features of columns
    return tableProblem(state, this.#table, choice);
  }

  tune(tuning: Tuning): void {
    if (!this.#session) return;
    const shown = this.#session.tuning.novelty;
    this.#session.tuning = tuning;
    if (tuning.novelty !== shown && !this.#playing) this.#exclusive(() => this.#send());
  }

  play(): void {
    this.#playing = true;
    if (!this.#looping) this.#loop();
  }

  pause(): void {
    if (!this.#playing) return;
    this.#playing = false;
    this.#exclusive(() => this.#send());
  }

  step(): Promise<void> {
    this.#playing = false;
    return this.#exclusive(async () => {
      await this.#session?.advance();
      await this.#send();
    });
  }

  hold(held: boolean): void {
    this.#held = held;
  }

  edit(model: number, component: number, edit: Edit): Promise<void> {
    return this.#exclusive(async () => {
      if (!this.#session?.learners[model]) return;
      await this.#session.learners[model].edit(component, edit);
      await this.#session.remeasure(model);
      await this.#send();
    });
  }

  save(model: number, format: "safetensors" | "onnx"): Promise<Reply<Uint8Array<ArrayBuffer>>> {
    return this.#exclusive(() =>
      replying(async () => {
        const learner = this.#session?.learners[model];
        if (!learner) throw new GmnmError("there is no model to save");
        const trained = await learner.model();
        return format === "onnx" ? toOnnx(trained) : encodeModel(trained);
      }),
    );
  }

  open(model: number, name: string, bytes: Uint8Array): Promise<Reply<void>> {
    return this.#exclusive(() =>
      replying(async () => {
        if (!this.#session) throw new GmnmError("there is no task yet");
        await open(this.#session, model, { name, bytes });
        await this.#send();
      }),
    );
  }

  readTable(name: string, bytes: Uint8Array): Promise<Reply<{ summary: TableSummary; choice: Choice }>> {
    return replying(async () => {
      const { readCsv, summarize } = await csv();
      const table = readCsv(name, bytes);
      const summarized = summarize(table);
      this.#table = table;
      return summarized;
    });
  }

  readPreprocessing(name: string, bytes: Uint8Array): Promise<Reply<Preprocessing>> {
    return replying(async () => (await csv()).readPreprocessing(name, bytes));
  }

  classify(pixels: Float32Array): Promise<number[][]> {
    return this.#exclusive(async () => (await this.#session?.classify(centred(pixels))) ?? []);
  }

  async hasWebGpu(): Promise<boolean> {
    const { gpu } = navigator as { gpu?: { requestAdapter(): Promise<unknown> } };
    return gpu ? (await gpu.requestAdapter()) !== null : false;
  }

  /** Trains in slices, so that messages come through, and shows what there is when the page has drawn the last. */
  async #loop(): Promise<void> {
    this.#looping = true;
    const pace = new Pace();
    while (this.#playing) {
      await this.#exclusive(async () => {
        const session = this.#session;
        if (!session || !this.#playing || this.#held) {
          pace.restart();
          return;
        }
        const until = performance.now() + SLICE;
        pace.go(session.tuning.speed);
        while (this.#playing && !this.#held && performance.now() < until && !pace.isAhead()) {
          if (this.#isAtEnd(session)) {
            this.#playing = false;
            break;
          }
          await session.advance();
          pace.count();
        }
        pace.forgive();
        if (!this.#playing) await this.#send();
        else if (!this.#shown && isDue(performance.now(), this.#lastFrame)) await this.#send();
      });
      await (this.#held || pace.isAhead() ? sleep(4) : breathe());
    }
    this.#looping = false;
  }

  #isAtEnd({ step, tuning: { until }, finished }: Session): boolean {
    return finished || (until > 0 && step >= until);
  }

  /** Makes a frame and hands it over; the page's answer, that it has been drawn, is not waited for. */
  async #send(): Promise<void> {
    const session = this.#session;
    if (!session || !this.#show) return;
    const began = performance.now();
    const frame = await session.frame(this.#playing);
    const ended = performance.now();
    this.#lastFrame = { ended, took: ended - began };
    const shown = this.#show(frame);
    this.#shown = shown;
    shown.finally(() => {
      if (this.#shown === shown) this.#shown = undefined;
    });
  }
}
