// What keys do to the Gaussians of the model shown large, in every view.
import type { Playground } from "../state/playground.svelte.ts";

/** By how much of the picture an arrow key moves a Gaussian. */
const STEP = 0.02;
const arrows: Readonly<Record<string, readonly [dx: number, dy: number]>> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};

/** For an aria-label. */
export const keysHelp = "N and P choose one, arrow keys move it, plus and minus change its width, W turns its sign.";

/**
 * N and P choose one of `count`, arrow keys move it to where `moved` says, + and − change its width, W its sign, Escape lets go. `dx` and `dy` are
 * shares of the picture, y downwards.
 */
export function pressComponentKey(
  playground: Playground,
  event: KeyboardEvent,
  count: number,
  moved: (k: number, dx: number, dy: number) => readonly number[],
): void {
  const chosen = playground.chosen !== undefined && playground.chosen < count ? playground.chosen : undefined;
  const turn = { n: 1, p: -1 }[event.key];
  if (turn && count > 0) playground.chosen = ((chosen ?? (turn > 0 ? -1 : 0)) + turn + count) % count;
  else if (chosen === undefined) return;
  else if (event.key === "Escape") playground.chosen = undefined;
  else if (event.key in arrows) playground.edit(chosen, { center: [...moved(chosen, ...arrows[event.key])] });
  else if (event.key === "+" || event.key === "=") playground.edit(chosen, { widen: 1.1 });
  else if (event.key === "-") playground.edit(chosen, { widen: 1 / 1.1 });
  else if (event.key === "w") playground.edit(chosen, { weigh: -1 });
  else return;
  event.preventDefault();
  event.stopPropagation();
}
