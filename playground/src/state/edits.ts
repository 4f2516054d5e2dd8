// Edits of Gaussians on their way to the worker.
import { type Edit, together } from "../models/edit.ts";

type Wanted = { model: number; component: number; edit: Edit };

/** Sends one edit at a time: hands are faster than the worker, and what is wanted of the same Gaussian meanwhile becomes one edit. */
export class Edits {
  readonly #send: (model: number, component: number, edit: Edit) => Promise<void>;
  readonly #waiting: Wanted[] = [];
  #sending: Promise<void> | undefined;

  constructor(send: (model: number, component: number, edit: Edit) => Promise<void>) {
    this.#send = send;
  }

  /** Resolves when nothing waits any more. */
  add(model: number, component: number, edit: Edit): Promise<void> {
    const last = this.#waiting.at(-1);
    if (last?.model === model && last.component === component) last.edit = together(last.edit, edit);
    else this.#waiting.push({ model, component, edit });
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
    return this.#sending;
  }

  async #sendAll(): Promise<void> {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift())
      await this.#send(next.model, next.component, next.edit);
  }
}
