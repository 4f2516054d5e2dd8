// Five steps with the live model: what each shows, in one sentence, and what it does to show it.
import type { Playground } from "../state/playground.svelte.ts";
import { componentAt, componentsOf } from "../worker/messages.ts";

export type TourStep = { title: string; text: string; action: string; run: (playground: Playground) => Promise<void> };

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
/** Frames of a motion that eyes can follow. */
const MOTION = 24;

/** The component with the largest share that stands well inside, chosen so that the page shows what is said of it. */
function strongest(playground: Playground): number | undefined {
  const all = componentsOf(playground.frame?.models[0]?.components).map((component, k) => ({ k, ...component }));
  if (all.length === 0) return undefined;
  const inside = all.filter(({ center: [x, y] }) => Math.abs(x) < 0.8 && Math.abs(y) < 0.8);
  return (inside.length ? inside : all).reduce((best, next) => (next.share > best.share ? next : best)).k;
}

/** Does something to the strongest Gaussian in small parts, with training held. */
async function inMotion(playground: Playground, part: (k: number, share: number) => Promise<void>): Promise<void> {
  const k = playground.chosen ?? strongest(playground);
  if (k === undefined) return;
  playground.chosen = k;
  playground.engine.hold(true);
  for (let i = 0; i < MOTION; i++) {
    await part(k, i / MOTION);
    playground.chosen = k;
    await pause(25);
  }
  playground.engine.hold(false);
}

async function startWith(playground: Playground, changes: object): Promise<void> {
  playground.setModel(0, changes);
  await playground.start(true);
}

export const tourSteps: readonly TourStep[] = [
  {
    title: "Centre",
    text: "Every ellipse is a Gaussian, and its centre says where it works: drag one, and the surface goes with it.",
    action: "Move one",
    run: (playground) => {
      const packed = playground.frame?.models[0]?.components;
      const k = strongest(playground);
      if (!packed || k === undefined) return Promise.resolve();
      playground.chosen = k;
      const [x, y] = componentAt(packed, k).center;
      return inMotion(playground, (component, share) => {
        const angle = 2 * Math.PI * share;
        return playground.edit(
          component,
          { center: [x + 0.25 * Math.sin(angle), y + 0.25 * (1 - Math.cos(angle))] },
          0,
        );
      });
    },
  },
  {
    title: "Width",
    text: "Its outline is where it has fallen to 61 % of its height: wide Gaussians carry the slopes, narrow ones the details.",
    action: "Widen one",
    run: (playground) =>
      inMotion(playground, (k, share) => playground.edit(k, { widen: share < 0.5 ? 1.05 : 1 / 1.05 }, 0)),
  },
  {
    title: "Weight",
    text: "Orange Gaussians add to the surface and blue ones take away, the more the stronger the colour.",
    action: "Turn one around",
    run: async (playground) => {
      const k = strongest(playground);
      if (k === undefined) return;
      playground.chosen = k;
      await playground.edit(k, { weigh: -1 }, 0);
    },
  },
  {
    title: "Rank",
    text: "With rank 1 a Gaussian sees one direction only and becomes a ridge without an end, which takes fewer numbers and fits less.",
    action: "Train with rank 1",
    run: (playground) => startWith(playground, { family: "gmnm", covariance: "lowRank", rank: 1 }),
  },
  {
    title: "Initialisation",
    text: "Spread evenly at the start, Gaussians have little way to go; started at random they crowd in the middle and find it harder.",
    action: "Start at random",
    run: (playground) => startWith(playground, { family: "gmnm", covariance: "full", initializer: "random" }),
  },
];
