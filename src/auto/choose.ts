// The end of a fit: which of the trained candidates make the model, and what is said about them.
import { GmnmError } from "../errors.ts";
import type { Model } from "../model.ts";
import { fromConfig } from "../nn/registry.ts";
import { countParameters } from "../params.ts";
import { type Tensor, takeRows } from "../tensor.ts";
import { blend, mix, WORTH } from "./blend.ts";
import { combine, type Share } from "./combine.ts";
import { constantModel, outOfFoldConstant } from "./constant.ts";
import { type OutOfFold, outOfFold } from "./out-of-fold.ts";
import type { Plan } from "./plan.ts";
import { ridge } from "./ridge.ts";
import { lossOf, type Scores, scoresOf } from "./scores.ts";
import type { TableTask } from "./types.ts";
import type { Trained } from "./units.ts";

/** A candidate, and what was found about it. */
export type CandidateReport = {
  name: string;
  parameters: number;
  /** RMSE or log loss on the held-out rows of the folds that all candidates were tried on, at the best epoch; undefined when all trainings diverged. */
  score?: number;
  epoch?: number;
  /** Trainings that ended, on these folds and others, and those that diverged. */
  trained: number;
  failed: number;
  chosen: boolean;
};

/** What is known of a model from rows that were held out. */
export type Validation = {
  /** Of the model: each row predicted by members that had not seen it. */
  scores: Scores;
  /** Of the linear model, and of the mean or the classes' frequencies of the other rows, on the same rows. */
  linear: Scores;
  constant: Scores;
  /** Those rows, of the rows given to fit, and what the model said of them (rows, outputs). */
  outOfFold: { rows: Uint32Array; outputs: Tensor };
  candidates: CandidateReport[];
  /** What was chosen and why, in one sentence. */
  why: string;
};

/** Mean over the chosen members, at the epochs of their snapshots. */
export type MemberHistory = { epoch: number; loss: number; validationLoss: number }[];

/** A model with what is known of it. */
export type Choice = { model: Model; validation: Validation; history: MemberHistory };

/**
 * The blend of finalists and linear model that does best on rows that were held out, as one model; a constant where that does better.
 *
 * @param others candidates that are only reported.
 * @throws GmnmError when nothing was trained to the end.
 */
export function choose(
  { x, y }: { x: Tensor; y: Tensor },
  plan: Plan,
  finalists: readonly Trained[],
  linear: Trained,
  others: readonly Trained[] = [],
): Choice {
  const { task } = plan;
  const alive = [...finalists, linear].filter(({ members }) => members.length > 0);
  if (alive.length === 0) {
    throw new GmnmError(
      "every training diverged; look for values far out of the ordinary, which standardising leaves there",
    );
  }
  const found = alive.map(({ members }) => outOfFold(task, members, y));
  // Members may have been lost: predictors are compared on the rows that all of them predicted.
  const rows = found.map((one) => one.rows).reduce(intersection);
  const target = takeRows(y, rows);
  const predictions = found.map((one) => pick(one, rows));
  const folds = alive.flatMap(({ members }) => members.map((member) => member.rows));
  const constant = outOfFoldConstant(task, y, folds, rows);
  const blended = blend(task, predictions, target);
  // The last resort: what knows nothing, when nothing that was trained is better than it on rows it has not seen.
  const isConstant = lossOf(task, constant, target) < (1 - WORTH) * blended.score;
  const shares = isConstant ? blended.shares.map(() => 0) : blended.shares;
  const prediction = isConstant ? constant : mix(predictions, shares);
  const parts = alive.flatMap(({ candidate }, i): Share[] => {
    if (shares[i] === 0) return [];
    const layer = fromConfig(candidate.config);
    if (candidate === plan.linear && task === "regression") {
      return [{ model: { layer, params: ridge(x, y, plan) }, share: shares[i] }];
    }
    const params = found[i].params.slice(0, plan.folds);
    return params.map((one) => ({ model: { layer, params: one }, share: shares[i] / params.length }));
  });
  const model = isConstant ? constantModel(task, x.shape[1], y) : combine(parts);
  // What the best were given beyond the others is no part of the comparison.
  const inSearch = ({ members }: Trained) => (plan.searchFolds > 0 ? members.slice(0, plan.searchFolds) : members);
  const trained = [...finalists, ...others, linear].map((one) => {
    const members = inSearch(one);
    const compared = members.length > 0 ? outOfFold(task, members, y) : undefined;
    return report(one, compared, shares[alive.indexOf(one)] > 0);
  });
  const searched = intersection(rows, Uint32Array.from(inSearch(alive[0]).flatMap((member) => [...member.rows])));
  const constantScore = lossOf(task, pick({ rows, prediction: constant }, searched), takeRows(y, searched));
  const candidates = [...trained, constantReport(task, y.shape[1], constantScore, isConstant)];
  const line = alive.indexOf(linear);
  const strongest = found[shares.indexOf(Math.max(...shares))];
  return {
    model,
    validation: {
      scores: scoresOf(task, prediction, target),
      linear: scoresOf(task, line >= 0 ? predictions[line] : constant, target),
      constant: scoresOf(task, constant, target),
      outOfFold: { rows, outputs: prediction },
      candidates,
      why: explain(candidates, task, lossOf(task, prediction, target), countParameters(model.params)),
    },
    history: strongest.curve.map(({ epoch, loss, score }) => ({
      epoch,
      loss,
      validationLoss: task === "regression" ? score ** 2 : score,
    })),
  };
}

function report(trained: Trained, found: OutOfFold | undefined, chosen: boolean): CandidateReport {
  const { candidate, members, failed } = trained;
  const { name, parameters } = candidate;
  const scored = found && { score: found.score, epoch: found.epoch };
  return { name, parameters, ...scored, trained: members.length, failed, chosen };
}

/** What was tried without any training. */
const constantReport = (task: TableTask, parameters: number, score: number, chosen: boolean): CandidateReport => ({
  name: task === "regression" ? "always the mean" : "always the classes' frequencies",
  ...{ parameters, score, trained: 0, failed: 0, chosen },
});

function intersection(a: Uint32Array, b: Uint32Array): Uint32Array {
  const there = new Set(b);
  return a.filter((row) => there.has(row));
}

/** The predictions of some of its rows. */
function pick({ rows, prediction }: Pick<OutOfFold, "rows" | "prediction">, wanted: Uint32Array): Tensor {
  const place = new Map([...rows].map((row, i) => [row, i]));
  return takeRows(
    prediction,
    Array.from(wanted, (row) => place.get(row)!),
  );
}

function explain(candidates: readonly CandidateReport[], task: TableTask, score: number, parameters: number): string {
  const measure = task === "regression" ? "standardised RMSE" : "log loss";
  const made = candidates.filter(({ chosen }) => chosen);
  const named = made.map(({ name, trained }) => (trained > 1 ? `${trained} × ${name}` : name)).join(" with ");
  const rest = candidates.filter((one) => !one.chosen && one.score !== undefined);
  const [next] = rest.sort((a, b) => a.score! - b.score!);
  const own = Math.min(...made.map((one) => one.score ?? Infinity)).toPrecision(3);
  const against = own === score.toPrecision(3) ? "" : `, against ${own} on the same rows`;
  const beside = next ? `; next best is ${next.name} with ${next.score!.toPrecision(3)}${against}` : "";
  return `${named}: ${measure} ${score.toPrecision(3)} on held-out rows, ${parameters} parameters${beside}.`;
}
