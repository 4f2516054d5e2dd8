// The page's side: the state that the controls change, and what the worker last showed.
import { proxy, wrap } from "comlink";
import { matched } from "../models/count.ts";
import type { Edit } from "../models/edit.ts";
import { type ModelSpec, nameOf, newModel } from "../models/spec.ts";
import type { View } from "../tasks/problem.ts";
import type { Engine, Frame, SetUp, TableReply, Tuning } from "../worker/messages.ts";
import { decodeState, encodeState } from "./codec.ts";
import { type Features, featuresOf, MAX_MODELS, type State, startOf, type TaskName } from "./state.ts";

/** Everything that was measured of a model since its start. */
export type History = {
  steps: number[];
  losses: number[];
  errorSteps: number[];
  errors: number[];
  errorSeconds: number[];
};
const noHistory = (): History => ({ steps: [], losses: [], errorSteps: [], errors: [], errorSeconds: [] });

/** Changes that a training goes on with; all others start it anew. */
const TUNING = ["speed", "learningRate", "decay", "until", "novelty"] as const;
/** Changes that only the page knows of. */
const SHOWN = new Set<keyof State>(["components", "dots", "hero", "match", ...TUNING]);

const nextFrame = () => new Promise<void>((resolve) => requestAnimationFrame(() => resolve()));

export class Playground {
  state: State = $state(decodeState(location.hash));
  playing = $state(false);
  /** True from a change until its models are there. */
  busy = $state(true);
  /** A sentence for the user. */
  message = $state("");
  note = $state("");
  view: View | undefined = $state.raw();
  features: Features = $state.raw(featuresOf[this.state.task]);
  frame: Frame | undefined = $state.raw();
  /** The models that are on show. Those of the state may be ahead of them. */
  shown: ModelSpec[] = $state.raw(this.state.models);
  histories: History[] = $state.raw([]);
  table: TableReply | undefined = $state.raw();
  hasWebGpu = $state(false);
  /** Names of files whose models took the place of the page's. */
  opened: Record<number, string> = $state({});
  /** The component under the pointer or chosen by key, of the model shown large. */
  chosen: number | undefined = $state();
  readonly engine: Engine;
  /** The worker's number of what is shown. */
  #run = 0;
  /** Counts what was asked of the worker: only the last answer is of interest. */
  #request = 0;
  /** True where a refusal ended a training that goes on when what was wrong is put right. */
  #resume = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #early: Frame | undefined;
  #wanted: { model: number; component: number; edit: Edit } | undefined;
  #editing = false;

  constructor() {
    const worker = new Worker(new URL("../worker/worker.ts", import.meta.url), { type: "module" });
    worker.addEventListener("error", (event) => this.#fail(event.message));
    this.engine = wrap<Engine>(worker) as unknown as Engine;
    this.engine.onFrame(proxy((frame: Frame) => this.#show(frame)));
    addEventListener("hashchange", () => {
      if (location.hash.slice(1) === encodeState(this.state)) return;
      this.state = decodeState(location.hash);
      this.features = featuresOf[this.state.task];
      this.start(true);
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
    if (frame.models.some(({ progress }) => progress.steps.length + progress.errorSteps.length > 0)) {
      for (const [i, { progress }] of frame.models.entries()) {
        const history = this.histories[i];
        for (const name of ["steps", "losses", "errorSteps", "errors", "errorSeconds"] as const)
          history[name].push(...progress[name]);
      }
      this.histories = [...this.histories];
    }
  }

  /** Changes the state; what does not change the models goes on, all else starts anew. */
  set(changes: Partial<State>): void {
    const before = encodeState(this.state);
    Object.assign(this.state, changes);
    if ("task" in changes) this.features = featuresOf[this.state.task];
    this.state.hero = Math.min(this.state.hero, this.state.models.length - 1);
    if (encodeState(this.state) === before) return;
    this.#write();
    const names = Object.keys(changes) as (keyof State)[];
    if (names.some((name) => (TUNING as readonly string[]).includes(name))) this.engine.tune(this.#tuning());
    if ("match" in changes && this.state.match) this.#match();
    if (names.some((name) => !SHOWN.has(name))) this.restart();
  }

  setTask(task: TaskName): void {
    if (task === this.state.task) return;
    const { points, learningRate, models } = startOf(task);
    this.set({ task, points, learningRate, models, hero: 0, match: true, optimizer: "adam", until: 0 });
  }

  setModel(i: number, changes: Partial<ModelSpec>): void {
    const spec = this.state.models[i];
    const { family = spec.family } = changes;
    const next = family === spec.family ? { ...spec, ...changes } : newModel(family, { initializer: spec.initializer });
    const models = this.state.models.map((each, k) => (k === i ? next : each));
    // A size typed in for a rival is meant: it is no longer matched.
    const match = this.state.match && !("size" in changes && i > 0);
    this.set({ models: match ? matched(models, ...this.features) : models, match });
  }

  addModel(): void {
    const { models, match } = this.state;
    if (models.length >= MAX_MODELS) return;
    const next =
      (["gmnm", "mlp", "kan", "rbf", "fastKan"] as const).find((family) =>
        models.every((each) => each.family !== family),
      ) ?? "gmnm";
    const more = [...models, newModel(next)];
    this.set({ models: match ? matched(more, ...this.features) : more });
  }

  removeModel(i: number): void {
    if (this.state.models.length > 1) this.set({ models: this.state.models.filter((_, k) => k !== i), hero: 0 });
  }

  #match(): void {
    this.set({ models: matched(this.state.models, ...this.features) });
  }

  #tuning(): Tuning {
    const { speed, learningRate, decay, until, novelty } = this.state;
    return { speed, learningRate, decay, until, novelty };
  }

  #write(): void {
    const fragment = encodeState(this.state);
    history.replaceState(null, "", fragment ? `#${fragment}` : location.pathname + location.search);
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
    if (this.state.task === "table" && !this.table) {
      this.engine.pause();
      Object.assign(this, { busy: false, playing: false, view: undefined, frame: undefined, histories: [] });
      return;
    }
    let reply: Awaited<ReturnType<Engine["setUp"]>>;
    try {
      reply = await this.engine.setUp($state.snapshot(this.state) as State, this.table);
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
  #begin({ run, view, inFeatures, outFeatures, note = "" }: SetUp): boolean {
    this.#run = run;
    this.note = note;
    this.features = [inFeatures, outFeatures];
    this.opened = {};
    this.chosen = undefined;
    // Only now is it known of a file how many numbers a model of it learns.
    if (this.state.match) {
      const models = matched(this.state.models, inFeatures, outFeatures);
      if (models.some(({ size }, i) => size !== this.state.models[i].size)) {
        this.state.models = models;
        this.#write();
        this.start(true);
        return false;
      }
    }
    this.view = view;
    this.shown = $state.snapshot(this.state.models) as ModelSpec[];
    this.histories = this.shown.map(noHistory);
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

  /** Edits follow each other as fast as they are done; of those that wait only the last counts. */
  async edit(component: number, edit: Edit, model = this.hero): Promise<void> {
    const waiting = this.#wanted;
    const merged = waiting?.component === component && waiting.model === model ? { ...waiting.edit, ...edit } : edit;
    this.#wanted = { model, component, edit: merged };
    if (this.#editing) return;
    this.#editing = true;
    while (this.#wanted) {
      const { model, component, edit } = this.#wanted;
      this.#wanted = undefined;
      await this.engine.edit(model, component, edit);
    }
    this.#editing = false;
  }

  async openTable(file: File): Promise<void> {
    this.pause();
    this.busy = true;
    const reply = await this.engine.readTable(file.name, new Uint8Array(await file.arrayBuffer()));
    if (reply.refusal !== undefined) {
      Object.assign(this, { busy: false, message: reply.refusal });
      return;
    }
    this.table = reply.value;
    if (this.state.task !== "table") this.setTask("table");
    this.start(true);
  }

  choose(changes: Partial<TableReply["choice"]>): void {
    if (!this.table) return;
    this.table = { ...this.table, choice: { ...this.table.choice, ...changes } };
    this.restart();
  }

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
    this.histories[i] = noHistory();
    this.histories = [...this.histories];
  }
}
