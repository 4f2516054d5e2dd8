// What the user has chosen, and the address that says it.
import { matched } from "../models/count.ts";
import { withAnother, withChanges, without } from "../models/list.ts";
import type { ModelSpec } from "../models/spec.ts";
import { type Tuning, tuningNames } from "../worker/messages.ts";
import { decodeState, encodeState } from "./codec.ts";
import { type Features, featuresOf, type State, startOf, type TaskName } from "./state.ts";

/** Changes that a training goes on with. */
const TUNING = new Set<keyof State>(tuningNames);
/** Changes that only the page knows of; all that are in neither set start anew. */
const SHOWN = new Set<keyof State>(["components", "dots", "hero", "match"]);

/** The state with all that changes it. What follows from a change is for those who train. */
export abstract class Settings {
  state: State = $state(decodeState(location.hash));
  /** What models take and give: of a table it is known when the file is there. */
  features: Features = $state.raw(featuresOf[this.state.task]);

  /** A training that goes on is told. */
  protected abstract tune(tuning: Tuning): void;
  /** The models are no longer those of the state. */
  abstract restart(): void;

  /** Changes the state; what does not change the models goes on, all else starts anew. */
  set(changes: Partial<State>): void {
    const before = encodeState(this.state);
    Object.assign(this.state, changes);
    if ("task" in changes) this.features = featuresOf[this.state.task];
    this.state.hero = Math.min(this.state.hero, this.state.models.length - 1);
    if (encodeState(this.state) === before) return;
    this.writeAddress();
    const names = Object.keys(changes) as (keyof State)[];
    if (names.some((name) => TUNING.has(name))) this.tune(this.#tuning());
    if ("match" in changes && this.state.match) this.set({ models: matched(this.state.models, ...this.features) });
    if (names.some((name) => !TUNING.has(name) && !SHOWN.has(name))) this.restart();
  }

  setTask(task: TaskName): void {
    if (task === this.state.task) return;
    const { points, learningRate, models } = startOf(task);
    this.set({ task, points, learningRate, models, hero: 0, match: true, optimizer: "adam", until: 0 });
  }

  setModel(i: number, changes: Partial<ModelSpec>): void {
    this.set(withChanges(this.state, i, changes, this.features));
  }

  addModel(): void {
    this.set(withAnother(this.state, this.features));
  }

  removeModel(i: number): void {
    this.set({ models: without(this.state.models, i), hero: 0 });
  }

  #tuning(): Tuning {
    return Object.fromEntries(tuningNames.map((name) => [name, this.state[name]])) as Tuning;
  }

  protected writeAddress(): void {
    const fragment = encodeState(this.state);
    history.replaceState(null, "", fragment ? `#${fragment}` : location.pathname + location.search);
  }

  /** Takes over what an address says; false where that is what there is. */
  protected readAddress(): boolean {
    if (location.hash.slice(1) === encodeState(this.state)) return false;
    this.state = decodeState(location.hash);
    this.features = featuresOf[this.state.task];
    return true;
  }
}
