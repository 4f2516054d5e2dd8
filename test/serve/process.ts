// The server of the fixture, in a process of its own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

export type ServerProcess = {
  url: string;
  pid: number;
  /** Bytes that live after a garbage collection, and bytes that the process has from the system. */
  memory(): Promise<{ held: number; rss: number }>;
  kill(signal: NodeJS.Signals): void;
  /** The exit code, or the signal that ended it, and what it wrote last and as errors. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; last: string; errors: string }>;
};

export async function startProcess(): Promise<ServerProcess> {
  const file = join(import.meta.dirname, "fixtures/serve-until-stopped.ts");
  const child = spawn(process.execPath, ["--expose-gc", file], { stdio: ["pipe", "pipe", "pipe"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const exited = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
  const url = (await lines.next()).value;
  if (url === undefined) throw new Error(`the server did not start: ${errors}`);
  return {
    url,
    pid: child.pid!,
    async memory() {
      child.stdin.write("\n");
      return JSON.parse((await lines.next()).value!);
    },
    kill: (signal) => child.kill(signal),
    ended: exited.then(async ([code, signal]) => ({ code, signal, last: (await lines.next()).value ?? "", errors })),
  };
}
