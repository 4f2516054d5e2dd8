// The page's side of the worker: what was asked of it, and what it last showed.
import { proxy, wrap } from "comlink";
import type { Choice } from "../csv/table.ts";
import { matched } from "../models/count.ts";
import type { Edit } from "../models/edit.ts";
import { type ModelSpec, nameOf } from "../models/spec.ts";
import type { View } from "../tasks/problem.ts";
import {
  addProgress,
  type Engine,
  type Frame,
  noProgress,
  type Progress,
  type SetUp,
  type Tuning,
} from "../worker/messages.ts";
import { Edits } from "./edits.ts";
import { Settings } from "./settings.svelte.ts";
import { startWorker } from "./start-worker.ts";
import type { State } from "./state.ts";
import { UserFiles } from "./user-files.svelte.ts";

const nextFrame = () => new Promise<void>((resolve) => requestAnimationFrame(() => resolve()));

export class Playground extends Settings {
  playing = $state(false);
  /** True from a change until its models are there. */
  busy = $state(true);
  /** A sentence for the user. */
  message = $state("");
  note = $state("");
  /** What the user should know of the data. */
  notes: readonly string[] = $state.raw([]);
  view: View | undefined = $state.raw();
  frame: Frame | undefined = $state.raw();
  /** The models that are on show. Those of the state may be ahead of them. */
  shown: ModelSpec[] = $state.raw(this.state.models);
  /** Everything that was measured of each model since its start. */
  histories: Progress[] = $state.raw([]);
  hasWebGpu = $state(false);
  /** Names of files whose models took the place of the page's. */
  opened: Record<number, string> = $state({});
  /** The component under the pointer or chosen by key, of the model shown large. */
  chosen: number | undefined = $state();
  readonly engine: Engine;
  readonly files = new UserFiles(this);
  /** The worker's number of what is shown. */
  #run = 0;
  /** Counts what was asked of the worker: only the last answer is of interest. */
  #request = 0;
  /** True where a refusal ended a training that goes on when what was wrong is put right. */
  #resume = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #early: Frame | undefined;
  readonly #edits = new Edits((model, component, edit) => this.engine.edit(model, component, edit));

  constructor() {
    super();
    const worker = startWorker();
    worker.addEventListener("error", (event) => this.#fail(event.message));
    this.engine = wrap<Engine>(worker) as unknown as Engine;
    this.engine.onFrame(proxy((frame: Frame) => this.#show(frame)));
    addEventListener("hashchange", () => {
      if (this.readAddress()) this.start(true);
    });
    Promise.resolve(this.engine.hasWebGpu()).then((has) => {
      this.hasWebGpu = has;
    });
  }

  /** The model that is shown large. */
  get hero(): number {
    return Math.min(this.state.hero, this.shown.length - 1);
  }

  /** The name of a model on show. */
  nameOf(i: number): string {
    return this.opened[i] ?? (this.shown[i] ? nameOf(this.shown[i]) : "");
  }

  /** True where the error is a share of rows that are told wrong. */
  get countsWrong(): boolean {
    const { view } = this;
    return view?.kind === "digits" || ((view?.kind === "plane" || view?.kind === "rows") && view.classes !== undefined);
  }

  #fail(reason: string): void {
    this.busy = false;
    this.playing = false;
    this.message = `The worker that trains stopped: ${reason || "unknown reason"}. Reload the page to go on.`;
  }

  async #show(frame: Frame): Promise<void> {
    if (frame.run !== this.#run) {
      this.#early = frame;
      return;
    }
    await nextFrame();
    if (frame.run === this.#run) this.#take(frame);
  }

  #take(frame: Frame): void {
    this.frame = frame;
    this.playing = frame.playing;
    const news = frame.models.map(({ progress }, i) => addProgress(this.histories[i], progress));
    if (news.includes(true)) this.histories = [...this.histories];
  }

  protected tune(tuning: Tuning): void {
    this.engine.tune(tuning);
  }

  /** Starts anew shortly, for sliders move often; what was playing plays on. */
  restart(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.start(), 120);
  }

  /** Makes the task and the models, and goes on playing where that was asked for. */
  async start(play = this.playing || this.#resume): Promise<void> {
    clearTimeout(this.#timer);
    const request = ++this.#request;
    this.#run = 0; // frames that are still on their way are of no interest
    this.#resume = play;
    this.busy = true;
    this.message = "";
    this.note = "";
    this.notes = [];
    if (this.state.task === "table" && !this.files.choice) {
      this.engine.pause();
      const message = this.files.wanted;
      Object.assign(this, { busy: false, playing: false, message, view: undefined, frame: undefined, histories: [] });
      return;
    }
    let reply: Awaited<ReturnType<Engine["setUp"]>>;
    try {
      reply = await this.engine.setUp($state.snapshot(this.state) as State, this.files.choice);
    } catch (error) {
      if (request === this.#request) this.#fail(String((error as Error).message));
      return;
    }
    if (request !== this.#request) return;
    if (reply.refusal !== undefined) {
      Object.assign(this, { busy: false, playing: false, message: reply.refusal });
      return;
    }
    this.#resume = false;
    if (this.#begin(reply.value) && play) this.play();
  }

  /** Shows what was set up; false where it starts once more. */
  #begin({ run, view, inFeatures, outFeatures, note = "", notes }: SetUp): boolean {
    this.#run = run;
    this.note = note;
    this.notes = notes;
    this.features = [inFeatures, outFeatures];
    const { choice } = this.files;
    this.opened = this.state.task === "table" && choice?.run ? { 0: choice.run.name } : {};
    this.chosen = undefined;
    // Only now is it known of a file how many numbers a model of it learns.
    if (this.state.match) {
      const models = matched(this.state.models, inFeatures, outFeatures);
      if (models.some(({ size }, i) => size !== this.state.models[i].size)) {
        this.state.models = models;
        this.writeAddress();
        this.start(true);
        return false;
      }
    }
    this.view = view;
    this.shown = $state.snapshot(this.state.models) as ModelSpec[];
    this.histories = this.shown.map(noProgress);
    this.frame = undefined;
    this.busy = false;
    if (this.#early?.run === run) this.#take(this.#early);
    this.#early = undefined;
    return true;
  }

  play(): void {
    if (this.message || this.#run === 0) return;
    const { until } = this.state;
    if (until > 0 && (this.frame?.step ?? 0) >= until) this.set({ until: 0 });
    this.playing = true;
    this.engine.play();
  }

  pause(): void {
    this.playing = false;
    this.engine.pause();
  }

  toggle(): void {
    if (this.playing) this.pause();
    else this.play();
  }

  step(): void {
    if (this.message || this.#run === 0) return;
    this.playing = false;
    this.engine.step();
  }

  reset(): void {
    this.start();
  }

  /** Changes a Gaussian; resolves when the worker has done all that was asked of it. */
  edit(component: number, edit: Edit, model = this.hero): Promise<void> {
    return this.#edits.add(model, component, edit);
  }

  /** Learns what is chosen of the user's table. */
  learn(choice: Choice): void {
    if (this.state.task !== "table") this.setTask("table");
    // Of a run there is something to see before it is trained on, and no rival is of its size.
    if (choice.run) this.set({ hero: 0, match: false });
    this.start(!choice.run);
  }

  /** Puts the model of a file in the place of the one that is shown large. */
  async openModel(file: File): Promise<void> {
    this.pause();
    const i = this.hero;
    const reply = await this.engine.open(i, file.name, new Uint8Array(await file.arrayBuffer()));
    if (reply.refusal !== undefined) {
      this.message = reply.refusal;
      return;
    }
    this.message = "";
    this.opened[i] = file.name;
    this.histories[i] = noProgress();
    this.histories = [...this.histories];
  }
}
