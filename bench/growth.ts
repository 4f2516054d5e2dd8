// How time and memory of a GMNM layer grow: one size at a time, each point in a fresh process.
import { Child } from "./child.ts";
import { type ExecutorName, ours } from "./executors.ts";
import type { GmnmSizes } from "./protocol.ts";
import type { Growth } from "./results.ts";
import { logLogSlope, quantile } from "./statistics.ts";

const BASE: GmnmSizes = { rows: 1024, inFeatures: 64, numComponents: 256, rank: 4 };
/** What a process holds after a step of this layer it holds whatever the size. */
const TINY: GmnmSizes = { rows: 16, inFeatures: 4, numComponents: 4, rank: 1 };

const powers = (from: number, to: number) =>
  Array.from({ length: Math.log2(to / from) + 1 }, (_, exponent) => from * 2 ** exponent);

const VARIABLES: { variable: Growth["variable"]; size: keyof GmnmSizes; values: number[] }[] = [
  { variable: "N", size: "rows", values: powers(256, 16_384) },
  { variable: "d", size: "inFeatures", values: powers(4, 256) },
  { variable: "m", size: "numComponents", values: powers(32, 1024) },
  { variable: "r", size: "rank", values: powers(1, 16) },
];

const BLOCKS = 7;
const BLOCK_MS = 100;
/** Slopes are those of the largest sizes: below, what does not grow (other factors, the garbage of the compiler) hides what does. */
const LARGEST = 4;
/** Below this a peak says nothing: it is what the allocator happens to hold. */
const MEMORY_RESOLUTION_MB = 1;

/** The growth curves of one of our executors. */
export async function measureGrowth(executor: ExecutorName, progress: (line: string) => void): Promise<Growth[]> {
  const curves: Growth[] = [];
  for (const { variable, size, values } of VARIABLES) {
    const points: Growth["points"] = [];
    for (const value of values) {
      progress(`growth on ${executor}: ${variable} = ${value}`);
      points.push({ value, ...(await measurePoint(executor, { ...BASE, [size]: value })) });
    }
    const largest = points.slice(-LARGEST);
    const held = largest.filter(({ peakMB }) => peakMB >= MEMORY_RESOLUTION_MB);
    curves.push({
      variable,
      executor,
      points,
      timeSlope: logLogSlope(largest.map(({ value, medianMs }) => [value, medianMs])),
      memorySlope: logLogSlope(held.map(({ value, peakMB }) => [value, peakMB])),
    });
  }
  return curves;
}

async function measurePoint(executor: ExecutorName, sizes: GmnmSizes) {
  const child = await Child.start(ours(executor));
  await child.ask({ prepare: "tiny", sizes: TINY });
  const { peakMB: baseline } = await child.ask({ memory: true });
  await child.ask({ prepare: "layer", sizes });
  const run = async (steps: number) => (await child.ask({ case: "layer", steps })).ms / steps;
  const steps = Math.max(1, Math.round(BLOCK_MS / (await run(3))));
  const times: number[] = [];
  for (let block = 0; block < BLOCKS; block++) times.push(await run(steps));
  const { peakMB } = await child.ask({ memory: true });
  await child.end();
  return { medianMs: quantile(times, 0.5), peakMB: peakMB - baseline };
}
