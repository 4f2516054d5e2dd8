import type { Server } from "./serve.ts";

/**
 * Waits for SIGTERM or SIGINT, then closes the server: requests under way are answered first. Nothing holds the process any longer when it
 * resolves, so it ends by itself, with 0. A second signal ends it at once.
 *
 * @example
 * ```ts
 * await stopOnSignals(await serve({ model, preprocessing }));
 * ```
 */
export async function stopOnSignals(server: Server): Promise<NodeJS.Signals> {
  const signals = ["SIGTERM", "SIGINT"] as const;
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>();
  for (const signal of signals) process.on(signal, resolve);
  const signal = await promise;
  // Without a handler the next one kills.
  for (const one of signals) process.off(one, resolve);
  await server.close();
  return signal;
}
