import cliProgress from "cli-progress";

/** How far something is: a share from 0 to 1, and a few words beside it. */
export type Bar = { update(name: string, share: number, words?: string): void; end(): void };

/** Progress on standard error, where it does not mix with results: a bar on a terminal, a line per quarter elsewhere, nothing when told to be quiet. */
export function progressBar({ quiet = false } = {}): Bar {
  if (quiet) return { update: () => {}, end: () => {} };
  return process.stderr.isTTY ? terminalBar() : plainLines((line) => process.stderr.write(`${line}\n`));
}

function terminalBar(): Bar {
  let bar: cliProgress.SingleBar | undefined;
  let current = "";
  const end = () => {
    bar?.stop();
    bar = undefined;
    current = "";
  };
  const update = (name: string, share: number, words = "") => {
    if (name !== current) {
      end();
      bar = new cliProgress.SingleBar({
        format: "{name} {bar} {percentage} %{words}",
        barCompleteChar: "━",
        barIncompleteChar: " ",
        hideCursor: true,
        stream: process.stderr,
      });
      bar.start(1, 0, { name, words: "" });
      current = name;
    }
    bar!.update(Math.min(1, share), { name, words: words && ` · ${words}` });
  };
  return { update, end };
}

/** What is over sooner needs no words. */
const SOON = 1000;

/** A line whenever a quarter more is done, of what takes longer than a second. */
export function plainLines(write: (line: string) => void, now: () => number = () => performance.now()): Bar {
  let last = "";
  let current = "";
  let began = 0;
  const update = (name: string, share: number, words = "") => {
    if (name !== current) [current, began] = [name, now()];
    if (now() - began < SOON) return;
    const quarter = Math.floor(4 * Math.min(1, share));
    if (`${name} ${quarter}` === last) return;
    last = `${name} ${quarter}`;
    write(`${name}: ${25 * quarter} %${words && `, ${words}`}`);
  };
  return { update, end: () => {} };
}
