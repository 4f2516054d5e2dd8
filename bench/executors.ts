import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Child, type Command } from "./child.ts";

export const EXECUTORS = ["native", "wasm", "webgpu", "tfjs", "torch", "torch-cuda"] as const;
export type ExecutorName = (typeof EXECUTORS)[number];

/** Ours, the one that users get first. */
export const OURS = ["native", "wasm", "webgpu"] as const;

const PYTHON = process.env.BENCH_PYTHON ?? "/usr/bin/python3";
const OUR_PROCESS = fileURLToPath(import.meta.resolve("./ours/main.ts"));
/** What Node has compiled is kept, as the command line keeps it and Python its own: else a cold start would be half the stripping of types. */
const COMPILED = fileURLToPath(new URL("../node_modules/.cache/compiled", import.meta.url));
const PEERS_URL = new URL("peers/", import.meta.url);
const PEERS = fileURLToPath(PEERS_URL);

/** The command for one of our own processes. Node has WebGPU from a package; a browser has its own. */
export const ours = (executor: ExecutorName): Command => ({
  name: executor,
  command: process.execPath,
  args: [
    "--disable-warning=ExperimentalWarning",
    ...(executor === "webgpu" ? ["--import", `${PEERS_URL}webgpu.mjs`] : []),
    OUR_PROCESS,
    "--executor",
    executor,
  ],
  environment: { NODE_COMPILE_CACHE: COMPILED },
});

/**
 * The processes of an executor. ONNX Runtime and PyTorch have one per setting of their threads, and which is best depends on the case and, on a
 * shared machine, on the hour; PyTorch has two pools, OpenMP's and OpenBLAS's, which get in each other's way by default.
 */
function commands(executor: ExecutorName): Command[] {
  if (executor === "tfjs") return [{ name: "tfjs", command: process.execPath, args: [`${PEERS}tfjs.mjs`] }];
  if (executor === "torch-cuda") return [pytorch("torch-cuda", { BENCH_DEVICE: "cuda" })];
  const cores = availableParallelism();
  if (executor === "native") return [...new Set([cores, 1])].map(native);
  if (executor !== "torch") return [ours(executor)];
  const settings = [
    [1, 1],
    [cores, 1],
    [cores, cores],
    [1, cores],
  ];
  return (cores === 1 ? settings.slice(0, 1) : settings).map(([omp, blas]) => ({
    ...pytorch(`torch (OMP ${omp}, BLAS ${blas})`, {
      OMP_NUM_THREADS: `${omp}`,
      OPENBLAS_NUM_THREADS: `${blas}`,
      OMP_WAIT_POLICY: "PASSIVE",
      ...KEPT_MEMORY,
    }),
    setting: `OMP ${omp}, BLAS ${blas}`,
  }));
}

/**
 * Memory that a step frees is kept for the next. By default it goes back to the system, and where new pages are dear, as on virtual machines, PyTorch
 * took 26 to 49 ms for what takes it 6 to 9 so (gmnm-large).
 */
const KEPT_MEMORY = {
  MALLOC_MMAP_THRESHOLD_: `${2 ** 25}`, // the most there is
  MALLOC_TRIM_THRESHOLD_: `${2 ** 30}`,
  MALLOC_TOP_PAD_: `${2 ** 26}`,
};

function native(threads: number): Command {
  const command = ours("native");
  return {
    ...command,
    name: `native (${threads === 1 ? "1 thread" : `${threads} threads`})`,
    environment: { ...command.environment, GMNM_THREADS: `${threads}` },
  };
}

const pytorch = (name: string, environment: Record<string, string>): Command => ({
  name,
  command: PYTHON,
  args: ["-B", `${PEERS}pytorch.py`],
  environment,
});

/** What keeps an executor from running here, as far as it can be seen from outside. */
const missing = (executor: ExecutorName): string | undefined =>
  (executor === "tfjs" || executor === "webgpu") && !existsSync(`${PEERS}node_modules`)
    ? "its packages are not installed; npm ci --prefix bench/peers installs them"
    : undefined;

/** Starts the processes of an executor. Without it the benchmark goes on: `leaveOut` is told why. */
export async function start(executor: ExecutorName, leaveOut: (why: string) => void): Promise<Child[]> {
  const why = missing(executor);
  if (why) {
    leaveOut(`${executor} is left out: ${why}`);
    return [];
  }
  const children: Child[] = [];
  for (const command of commands(executor)) {
    try {
      children.push(await Child.start(command));
    } catch (error) {
      leaveOut(`${executor} is left out: ${(error as Error).message}`);
      break;
    }
  }
  return children;
}
