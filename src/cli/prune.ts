import { formatNumber } from "../plot/numbers.ts";
import { pruneRun } from "../run/prune-run.ts";
import { count } from "../run/words.ts";

/** Drops the components of a run's model that hardly matter, into a new run. */
export async function pruneCommand(
  path: string,
  {
    keepError,
    on,
    out = `${path.replace(/[\\/]+$/, "")}-pruned`,
    json,
  }: { keepError: number; on?: string; out?: string; json?: boolean },
): Promise<void> {
  const { components, error, parameters } = await pruneRun(path, out, { keepError, file: on });
  if (json) {
    console.log(JSON.stringify({ run: out, components, parameters, error }));
    return;
  }
  console.log(
    `${count(components.before, "Gaussian")} became ${components.after.toLocaleString("en")}, ${count(parameters.before, "parameter")} ${parameters.after.toLocaleString("en")}; error ${formatNumber(error.before)} became ${formatNumber(error.after)}\nRun: ${out}`,
  );
}
