// Which form, which size and which learning rate: by rows that were held out, the same for all.
import type { Tensor } from "../tensor.ts";
import type { Candidate } from "./candidates.ts";
import type { Planned } from "./make-plan.ts";
import { outOfFold } from "./out-of-fold.ts";
import type { Plan } from "./plan.ts";
import type { Trained, Units } from "./units.ts";

/** What {@link search} tells while it works. */
export type SearchOptions = {
  /** Called with the plan once it no longer depends on the time. */
  settle: (plan: Plan) => Promise<void>;
  /** Called when the best has been found, with its score if there is one. */
  onChosen: (score?: number) => void;
};

/**
 * Every form on the first folds, on as many as there is time for; there sizes and learning rates of the best form; then the best of all on
 * the other folds.
 */
export async function search({ plan: asked, settled }: Planned, units: Units, y: Tensor, options: SearchOptions) {
  const members = range(0, asked.folds * asked.repeats);
  const linear = await units.train(asked.linear, members);
  const { candidates, variants, finalists: wanted } = asked;
  const forms = await tryOut(
    candidates,
    members.slice(0, asked.searchFolds),
    units,
    (folds) => settled || units.hasTimeToSearch(folds),
  );
  const plan = { ...asked, searchFolds: forms.folds.length };
  if (!settled) await options.settle(plan);
  const best = ranked(forms.trained, plan, y)[0].candidate;
  units.found(plan, { best });
  const { trained } = await tryOut(variants[candidates.indexOf(best)], forms.folds, units);
  const all = ranked([...forms.trained, ...trained], plan, y);
  const finalists = all.slice(0, wanted);
  units.found(plan, { best, finalists: finalists.map(({ candidate }) => candidate) });
  const [{ members: known }] = all;
  options.onChosen(known.length > 0 ? outOfFold(plan.task, known, y).score : undefined);
  const rest = members.slice(plan.searchFolds);
  const more = await Promise.all(finalists.map(({ candidate }) => units.train(candidate, rest)));
  return { plan, linear, finalists: finalists.map((one, i) => join(one, more[i])), others: all.slice(wanted) };
}

/** Fold by fold, so that where time runs out every candidate has had its turn. Says on which folds. */
async function tryOut(
  candidates: readonly Candidate[],
  folds: readonly number[],
  units: Units,
  hasTime = (_folds: number) => true,
) {
  let trained: Trained[] = candidates.map((candidate) => ({ candidate, members: [], failed: 0 }));
  for (const [i, fold] of folds.entries()) {
    if (i > 0 && !hasTime(i)) return { trained, folds: folds.slice(0, i) };
    const more = await Promise.all(candidates.map((candidate) => units.train(candidate, [fold])));
    trained = trained.map((one, i) => join(one, more[i]));
  }
  return { trained, folds };
}

/** The best first: of those trained on the most folds, for a score on fewer, perhaps easier ones says little beside theirs. */
function ranked(trained: readonly Trained[], { task }: Plan, y: Tensor): Trained[] {
  const most = Math.max(1, ...trained.map(({ members }) => members.length));
  const scores = new Map(
    trained.map((one) => [one, one.members.length === most ? outOfFold(task, one.members, y).score : Infinity]),
  );
  // Without any search there is one candidate.
  return trained.toSorted((a, b) => scores.get(a)! - scores.get(b)! || 0);
}

const join = (a: Trained, b: Trained): Trained => ({
  candidate: a.candidate,
  members: [...a.members, ...b.members],
  failed: a.failed + b.failed,
});

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
