// Where a plan comes from: the store of a run that goes on, the caller, or step times of this machine, now.
import type { Executor } from "../compile/executor.ts";
import { GmnmError } from "../errors.ts";
import { type Tensor, takeRows } from "../tensor.ts";
import { type Plan, type PlanOptions, planOf } from "./plan.ts";
import type { JobPool } from "./pool.ts";
import { type Cost, type Costs, PROBE_BATCHES } from "./probe.ts";
import { asJson, fromJson, type Store } from "./store.ts";

const PLAN = "plan.json";

/** A plan, and what its units cost where that was measured. Once settled, it no longer depends on the time on how many folds to search. */
export type Planned = { plan: Plan; costs: Costs; settled: boolean };

/** The stored plan, the given one, or a new one; it is stored before anything is trained. */
export async function findPlan(
  wanted: PlanOptions,
  given: Plan | undefined,
  store: Store,
  make: () => Promise<Omit<Planned, "settled">>,
): Promise<Planned> {
  const stored = await store.get(PLAN);
  const found: Planned | undefined = stored && decodePlan(stored);
  const made = found ?? {
    settled: given !== undefined,
    ...(given ? { plan: given, costs: new Map<string, Cost>() } : await make()),
  };
  const { plan } = made;
  const { task, model, seed } = plan;
  if (
    task !== wanted.task ||
    plan.rows !== wanted.rows ||
    (!given && (model !== wanted.model || seed !== wanted.seed))
  ) {
    throw new GmnmError(
      `the plan is for ${task} of ${plan.rows} rows by ${model} with seed ${seed}, not for ${wanted.task} of ${wanted.rows} rows by ${wanted.model} with seed ${wanted.seed}`,
    );
  }
  if (!found) await keepPlan(store, made);
  return made;
}

/** Puts a plan where {@link findPlan} will find it. */
export const keepPlan = (store: Store, { plan, costs, settled }: Planned): Promise<void> =>
  store.put(PLAN, asJson({ plan, costs: [...costs], settled }));

function decodePlan(bytes: Uint8Array): Planned {
  const { plan, costs, settled } = fromJson(bytes);
  return { plan, costs: new Map(costs), settled };
}

/** So many seconds of every candidate's steps are measured, or this share of the time there is. */
const [PROBE_SECONDS, PROBE_SHARE] = [0.25, 0.005];

/** What a step of every candidate costs on this machine, now. */
export async function measure(
  wanted: PlanOptions,
  table: { x: Tensor; y: Tensor },
  { pool, executor, timeBudget }: { pool: JobPool; executor?: Executor; timeBudget: number },
): Promise<Costs> {
  const seconds = Math.min(PROBE_SECONDS, PROBE_SHARE * timeBudget);
  const { candidates, variants, linear, trainingRows, seed, task, epochs, batchSize } = planOf(wanted, 0);
  const rows = Uint32Array.from(
    { length: Math.min(trainingRows, PROBE_BATCHES * (batchSize ?? trainingRows)) },
    (_, i) => i,
  );
  const training = { x: takeRows(table.x, rows), y: takeRows(table.y, rows) };
  const measured = [...candidates, linear].map(async (candidate) => {
    const unit = { candidate, task, seed, epochs, batchSize, executor };
    const { cost } = await pool.run({ unit, training, heldOut: training.x, probe: seconds });
    return [candidate, cost!] as const;
  });
  const costs = await Promise.all(measured);
  return new Map(
    costs.flatMap(([candidate, cost], i) => [
      [candidate.name, cost] as const,
      // Not measured, which would take longer than it is worth: a step of twice the size takes at most twice as long, one of half the size no longer.
      ...(variants[i] ?? []).map(({ name, parameters }) => {
        const step = cost.step * Math.max(1, parameters / candidate.parameters);
        return [name, { ...cost, step }] as const;
      }),
    ]),
  );
}
