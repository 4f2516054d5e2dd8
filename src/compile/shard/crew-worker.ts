// A thread that computes shards. Between two runs it does not go back to its event loop, but listens to a number in shared memory.
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { reasonOf } from "../../errors.ts";
import { type Float32Tensor, loadRuntime, ortTensor, Session } from "../session.ts";
import { product } from "../view.ts";
import {
  type Answer,
  BUSY,
  CALLS,
  change,
  DONE,
  ENDING,
  FAILED,
  type Job,
  type Order,
  OUTCOME,
  type Placed,
  TASK,
  waitWhile,
} from "./signals.ts";

const port = parentPort as MessagePort;
const numbers = workerData as Int32Array;
const ort = (await atWork(loadRuntime))!;
const tensorAt = (memory: ArrayBuffer, { shape, offset }: Placed): Float32Tensor =>
  ortTensor(ort, { data: new Float32Array(memory, offset, product(shape)), shape });

/** A job that is prepared. */
class Prepared {
  readonly #job: Job;
  readonly #session: Session;
  readonly #slots: Float32Tensor[];
  /** By input and address: parameters change places with what they become, so each lies at two. */
  readonly #tensors = new Map<string, Float32Tensor>();

  constructor(job: Job, session: Session) {
    this.#job = job;
    this.#session = session;
    this.#slots = job.slots.map((slot) => tensorAt(job.memory, slot));
  }

  async run(): Promise<void> {
    const { inputs, offsets, memory } = this.#job;
    const arrays: Float32Tensor[] = [];
    for (const [i, { position, shape }] of inputs.entries()) {
      const key = `${i},${offsets[i]}`;
      const tensor = this.#tensors.get(key) ?? tensorAt(memory, { shape, offset: offsets[i] });
      this.#tensors.set(key, tensor);
      arrays[position] = tensor;
    }
    await this.#session.run(arrays, this.#slots);
  }

  dispose = (): Promise<void> => this.#session.dispose();
}

const prepared = new Map<number, Prepared>();

async function follow(order: Order): Promise<void> {
  if ("over" in order) {
    await prepared.get(order.over)?.dispose();
    prepared.delete(order.over);
    return;
  }
  const { id, program } = order;
  await answering(id, async () => {
    prepared.set(id, new Prepared(order, await Session.start({ ort, threads: 1, target: {} }, program)));
    port.postMessage({ id } satisfies Answer);
  });
}

/** Does something, unless the process is ending: ended within ONNX Runtime, a thread takes the process with it ("Napi::Error"). */
async function atWork<T>(act: () => Promise<T>): Promise<T> {
  Atomics.store(numbers, BUSY, 1);
  if (Atomics.load(numbers, ENDING) === 1) {
    change(numbers, BUSY, 0);
    Atomics.wait(numbers, ENDING, 1);
  }
  try {
    return await act();
  } finally {
    change(numbers, BUSY, 0);
  }
}

/** Whether something could be done; what went wrong is told. */
async function answering(id: number, act: () => Promise<void>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    port.postMessage({ id, error: reasonOf(error) } satisfies Answer);
    return false;
  }
}

async function work(): Promise<void> {
  for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port))
    await follow(next.message as Order);
  const task = Atomics.exchange(numbers, TASK, 0);
  if (task > 0) change(numbers, OUTCOME, (await answering(task, () => prepared.get(task)!.run())) ? DONE : FAILED);
}

for (let calls = 0; ; ) {
  waitWhile(numbers, CALLS, calls);
  calls = Atomics.load(numbers, CALLS);
  await atWork(work);
}
