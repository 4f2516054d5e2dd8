import { availableParallelism, cpus, loadavg, platform, release, totalmem } from "node:os";

/** What the times depend on beside the programs. The load is that of others: more than a little, and the times are worth little. */
export const machine = () => ({
  processor: cpus()[0]?.model.trim() || "unknown",
  cores: availableParallelism(),
  memoryGB: Math.round(totalmem() / 2 ** 30),
  system: `${platform()} ${release()}`,
  loadAtStart: Number(loadavg()[0].toFixed(2)),
});
