import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Hello, Reply, Request } from "./protocol.ts";

/** How to start a process that measures. */
export type Command = {
  name: string;
  /** What distinguishes it from other processes of the same executor. */
  setting?: string;
  command: string;
  args: string[];
  environment?: Record<string, string>;
};

/** The process could not do what one request asked, but lives. */
export class Refused extends Error {}
/** The process is gone. */
export class Died extends Error {}

const STDERR_KEPT = 4096;
const alive = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});

/** A process that measures, asked one thing at a time. */
export class Child {
  readonly command: Command;
  readonly #process: ChildProcess;
  readonly #replies: AsyncIterator<string>;
  readonly #ended: Promise<string>;
  #hello!: Hello;
  #errors = "";

  /** @throws Died when the process ends before its first line. */
  static async start(command: Command): Promise<Child> {
    const child = new Child(command);
    child.#hello = (await child.#read()) as Hello;
    return child;
  }

  private constructor(settings: Command) {
    const { command, args, environment } = settings;
    this.command = settings;
    const child = spawn(command, args, { env: { ...process.env, ...environment }, stdio: "pipe" });
    this.#process = child;
    alive.add(child);
    child.stderr.on("data", (chunk) => {
      this.#errors = (this.#errors + chunk).slice(-STDERR_KEPT);
    });
    this.#ended = new Promise((resolve) => {
      child.on("error", (error) => resolve(`could not be started: ${error.message}`));
      child.on("close", (code, signal) => resolve(signal ? `was ended by ${signal}` : `ended with code ${code}`));
    });
    this.#ended.then(() => alive.delete(child));
    // Written to after its end, a pipe reports EPIPE; how the process ended says more.
    child.stdin.on("error", () => {});
    this.#replies = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** What the process said first. */
  get hello(): Hello {
    return this.#hello;
  }

  /** @throws Refused with what the process says, or Died. */
  async ask<R extends Request>(request: R): Promise<Reply<R>> {
    this.#process.stdin!.write(`${JSON.stringify(request)}\n`);
    let doing = "it told its memory";
    if ("prepare" in request) doing = `it prepared ${request.prepare}`;
    if ("case" in request) doing = `it ran ${request.case}`;
    const reply = (await this.#read(doing)) as Reply<R> | { error: string };
    if ("error" in reply) throw new Refused(`${this.command.name}: ${reply.error}`);
    return reply;
  }

  /** Ends the process and waits until its memory is free. */
  async end(): Promise<void> {
    this.#process.stdin!.end();
    await this.#ended;
  }

  /** The next line that is an object: libraries print there, too. */
  async #read(doing?: string): Promise<object> {
    for (;;) {
      const line = await this.#replies.next();
      if (line.done) {
        const how = await this.#ended;
        const errors = lastError(this.#errors);
        throw new Died(
          `the ${this.command.name} process ${how}${doing ? ` while ${doing}` : ""}${errors && `: ${errors}`}`,
        );
      }
      if (line.value.startsWith("{")) return JSON.parse(line.value);
    }
  }
}

/** The last line that names an error: below it Node writes its version, and crashes their stacks. */
function lastError(stderr: string): string {
  const lines = stderr.trim().split("\n");
  return (lines.findLast((line) => /error/i.test(line) && !/^\s/.test(line)) ?? lines.at(-1)!).trim();
}
