import type { Callback, EpochRecord, StopReason } from "./run.ts";

/** "terminal": a bar on a terminal, nothing elsewhere; "auto": elsewhere a line for every tenth of the run; false: nothing. */
export type Progress = "terminal" | "auto" | false;

/** A callback that is also told of a training that failed, so that it leaves the terminal in order. */
type Shown = Callback & { onEnd(reason: StopReason | "failed"): void | Promise<void> };

/** The callback that shows progress on standard error, where it does not mix with results. */
export function progressCallback(progress: Progress): Shown[] {
  const stderr = (globalThis.process as NodeJS.Process | undefined)?.stderr;
  if (progress === false || !stderr) return [];
  if (stderr.isTTY) return [bar()];
  return progress === "auto" ? [lines((line) => stderr.write(`${line}\n`))] : [];
}

const number = (value: number | undefined) => (value === undefined ? "–" : value.toExponential(3));

function bar(): Shown {
  // Imported when first needed: a browser never is.
  let started: Promise<import("cli-progress").SingleBar> | undefined;
  const start = async (epochs: number) => {
    const { default: progress } = await import("cli-progress");
    const created = new progress.SingleBar({
      format: "{bar} {value}/{total} · loss {loss} · validation {validation} · {eta_formatted} left",
      barCompleteChar: "━",
      barIncompleteChar: " ",
      hideCursor: true,
    });
    created.start(epochs, 0, { loss: "–", validation: "–" });
    return created;
  };
  let validation: number | undefined;
  return {
    async onEpoch(record, { epochs }) {
      started ??= start(epochs);
      validation = record.validationLoss ?? validation;
      (await started).update(record.epoch, { loss: number(record.loss), validation: number(validation) });
    },
    async onEnd() {
      (await started)?.stop();
    },
  };
}

function lines(write: (line: string) => void): Shown {
  let last: EpochRecord | undefined;
  let validation: number | undefined;
  const show = ({ epoch, loss, seconds }: EpochRecord, epochs: number) => {
    const held = validation === undefined ? "" : `, validation ${number(validation)}`;
    write(`epoch ${epoch}/${epochs}: loss ${number(loss)}${held} (${seconds.toFixed(1)} s)`);
  };
  return {
    onEpoch(record, { epochs }) {
      validation = record.validationLoss ?? validation;
      if (
        !last ||
        record.epoch === epochs ||
        Math.floor((10 * record.epoch) / epochs) > Math.floor((10 * last.epoch) / epochs)
      ) {
        show(record, epochs);
      }
      last = record;
    },
    onEnd(reason) {
      if (reason !== "completed") write(`training ended after epoch ${last?.epoch ?? 0}: ${reason}`);
    },
  };
}
