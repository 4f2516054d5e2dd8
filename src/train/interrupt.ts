/**
 * Listens for Ctrl-C while something long runs, in Node. The first asks it to end well, a second ends the process as usual.
 * In a browser there is no such signal and nothing happens.
 */
export function onInterrupt(ask: () => void): { release(): void } {
  const process = globalThis.process as NodeJS.Process | undefined;
  if (typeof process?.once !== "function") return { release: () => {} };
  process.once("SIGINT", ask);
  return { release: () => process.removeListener("SIGINT", ask) };
}

/** Lets timers, signals and messages in, at most ten times a second: awaiting each step's result does not. */
export function breather(interval = 100): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < interval) return;
    await new Promise((resolve) => setTimeout(resolve));
    last = performance.now();
  };
}
