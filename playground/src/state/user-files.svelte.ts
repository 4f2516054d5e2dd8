// Files of the user's, and what was chosen of them: tables, models, and runs of `gmnm fit`, which are a model with its `preprocessing.json`.
import type { Choice, RunModel, TableSummary } from "../csv/table.ts";
import type { Engine } from "../worker/messages.ts";

/** What files change of the page. */
export interface FilesPage {
  readonly engine: Engine;
  message: string;
  busy: boolean;
  pause(): void;
  restart(): void;
  start(): void;
  setTask(task: "table"): void;
  learn(choice: Choice): void;
  openModel(file: File): Promise<void>;
}

const bytesOf = async (file: File) => new Uint8Array(await file.arrayBuffer());

/** What a run has learnt, as a choice of the page. */
function choiceOf(run: RunModel): Choice {
  const { inputs, target } = run.preprocessing;
  const name = target.kind === "numbers" ? target.columns[0].name : target.name;
  return { target: name, features: inputs.map((input) => input.name), run };
}

export class UserFiles {
  /** The table in the worker. */
  table: TableSummary | undefined = $state.raw();
  choice: Choice | undefined = $state.raw();
  /** A run that waits for its table. */
  #waiting: RunModel | undefined;
  readonly #page: FilesPage;

  constructor(page: FilesPage) {
    this.#page = page;
  }

  /** Opens what was picked or dropped; a run and its table may come together. */
  async open(files: readonly File[]): Promise<void> {
    const find = (end: string) => files.find(({ name }) => name.toLowerCase().endsWith(end));
    const [model, json] = [find(".safetensors"), find(".json")];
    const table = files.find((file) => file !== model && file !== json);
    if (json && model) await this.#openRun(model, json, table);
    else if (json)
      this.#page.message = `${json.name} goes with a model: choose the model.safetensors of its run as well`;
    else if (table) await this.#openTable(table);
    else if (model) await this.#page.openModel(model);
  }

  /** Other columns; a run that had learnt from these makes room. */
  choose(changes: Partial<Choice>): void {
    if (!this.choice) return;
    this.choice = { ...this.choice, run: undefined, ...changes };
    this.#page.restart();
  }

  /** What was opened gives way to the page's own models. */
  closeModels(): void {
    this.choice &&= { ...this.choice, run: undefined };
    this.#page.restart();
  }

  async #openTable(file: File, run = this.#waiting): Promise<void> {
    this.#page.pause();
    this.#page.busy = true;
    const reply = await this.#page.engine.readTable(file.name, await bytesOf(file));
    if (reply.refusal !== undefined) {
      this.#page.busy = false;
      this.#page.message = reply.refusal;
      return;
    }
    this.table = reply.value.summary;
    this.#waiting = undefined;
    this.#learn(run ? choiceOf(run) : reply.value.choice);
  }

  async #openRun(model: File, json: File, table: File | undefined): Promise<void> {
    this.#page.pause();
    const reply = await this.#page.engine.readPreprocessing(json.name, await bytesOf(json));
    if (reply.refusal !== undefined) {
      this.#page.message = reply.refusal;
      return;
    }
    const run = { name: model.name, bytes: await bytesOf(model), preprocessing: reply.value };
    if (table) await this.#openTable(table, run);
    else if (this.table) this.#learn(choiceOf(run));
    else {
      this.#waiting = run;
      this.#page.setTask("table");
      this.#page.start();
    }
  }

  /** What is still to be chosen, in a sentence. */
  get wanted(): string {
    return this.#waiting ? `Now choose a CSV file with the columns that ${this.#waiting.name} has learnt from` : "";
  }

  #learn(choice: Choice): void {
    this.choice = choice;
    this.#page.learn(choice);
  }
}
