// The state as the fragment of an address, and back. Only what differs from the start is written; what cannot be read is left as it starts.
import { MAX_MODELS } from "../models/list.ts";
import { type Family, families, fieldOf, MAX_SIZE, type ModelSpec, newModel, settingsOf } from "../models/spec.ts";
import { type Field, whole } from "./fields.ts";
import { fields, type State, startOf } from "./state.ts";

const size = whole(1, MAX_SIZE, 1);
const names = Object.keys(fields) as (keyof typeof fields)[];
const fieldNamed = (name: keyof typeof fields) => fields[name] as unknown as Field<unknown>;

/** One model, such as "gmnm_24_covariance-diagonal". */
export function writeModel(spec: ModelSpec): string {
  const start = newModel(spec.family);
  const changed = settingsOf(spec).filter((name) => spec[name] !== start[name]);
  return [spec.family, spec.size, ...changed.map((name) => `${name}-${fieldOf(name).write(spec[name])}`)].join("_");
}

/** The model a text describes; undefined when it names no family. */
export function readModel(text: string): ModelSpec | undefined {
  const [name, count = "", ...rest] = text.split("_");
  const family = families.find((known) => known === name) as Family | undefined;
  if (!family) return undefined;
  const spec = newModel(family);
  spec.size = size.read(count) ?? spec.size;
  const given = new Map(rest.map((part) => [part.slice(0, part.indexOf("-")), part.slice(part.indexOf("-") + 1)]));
  // In the order of the table: whether a model has a rank follows from its covariance.
  for (let changed = true; changed; ) {
    changed = false;
    for (const setting of settingsOf(spec)) {
      const value = given.has(setting) ? fieldOf(setting).read(given.get(setting)!) : undefined;
      given.delete(setting);
      if (value !== undefined) {
        Object.assign(spec, { [setting]: value });
        changed = true;
      }
    }
  }
  return spec;
}

const writeModels = (models: readonly ModelSpec[]) => models.map(writeModel).join("~");

/** The fragment, without "#"; empty for the state at the start. */
export function encodeState(state: State): string {
  const params = new URLSearchParams();
  const start = startOf(state.task);
  if (state.task !== fields.task.initial) params.set("task", state.task);
  for (const name of names) {
    if (state[name] !== start[name]) params.set(name, fieldNamed(name).write(state[name]));
  }
  const models = writeModels(state.models);
  if (models !== writeModels(start.models)) params.set("models", models);
  return params.toString();
}

/** The state that a fragment describes, whatever it says. */
export function decodeState(fragment: string): State {
  const params = new URLSearchParams(fragment.replace(/^#/, ""));
  const state = startOf(fields.task.read(params.get("task") ?? "") ?? fields.task.initial);
  for (const name of names) {
    const text = params.get(name);
    const value = text === null ? undefined : fieldNamed(name).read(text);
    if (value !== undefined) Object.assign(state, { [name]: value });
  }
  const models = (params.get("models") ?? "").split("~").flatMap((text) => readModel(text) ?? []);
  if (models.length > 0) state.models = models.slice(0, MAX_MODELS);
  state.hero = Math.min(state.hero, state.models.length - 1);
  return state;
}
