import { loadRun } from "../run/load-run.ts";
import { serve, stopOnSignals } from "../serve/index.ts";

/** Serves a run until it is told to stop. */
export async function serveCommand(path: string, { port, host }: { port: number; host: string }): Promise<void> {
  const { model, preprocessing } = await loadRun(path);
  const server = await serve({ model, preprocessing, host, port });
  console.log(`${server.url} answers POST /predict, GET /schema, /health and /metrics; Ctrl-C stops it`);
  await stopOnSignals(server);
}
