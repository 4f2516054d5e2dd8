// node bench/serve.ts [requests] [concurrency]: a server in a process of its own under load, good requests and bad ones mixed; prints the figures of
// docs/serving.md and ends with 1 when an answer was wrong or memory grew. Client and server share the machine, so times are those of both.
import { decodeJsonRows, encodeJsonRows } from "../src/table/json-rows.ts";
import { predict } from "../src/train/predict.ts";
import { manyRows, model, preprocessing } from "../test/serve/model.ts";
import { startProcess } from "../test/serve/process.ts";
import { type LoadResult, load } from "./load.ts";
import { machine } from "./machine.ts";

const [requests, concurrency] = [Number(process.argv[2] ?? 20_000), Number(process.argv[3] ?? 32)];
const SLICES = 5;

const rows = manyRows(500);
const predictions = decodeJsonRows(await predict(model, encodeJsonRows(rows, preprocessing)), preprocessing);
const server = await startProcess();
const known = { rows, predictions, preprocessing };

const slices: LoadResult[] = [];
const memory: { held: number; rss: number }[] = [];
for (let slice = 0; slice < SLICES; slice++) {
  slices.push(await load(server.url, known, { requests: requests / SLICES, concurrency, badShare: 0.3, seed: slice }));
  memory.push(await server.memory());
}
server.kill("SIGTERM");
const { code } = await server.ended;

const total = (of: (result: LoadResult) => number) => slices.reduce((sum, result) => sum + of(result), 0);
const wrong = slices.flatMap((result) => result.wrong);
const latencies = Float64Array.from(slices.flatMap((result) => [...result.latencies])).sort();
const percentile = (share: number) =>
  latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))].toFixed(1);
const statuses: Record<string, number> = {};
for (const result of slices)
  for (const [status, n] of Object.entries(result.statuses)) statuses[status] = (statuses[status] ?? 0) + n;
const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);

console.log(`machine: ${JSON.stringify(machine())}`);
console.log(`${requests} requests, ${concurrency} at a time, 30 % of them bad`);
console.log(`good, answered rightly: ${total(({ good }) => good)}, of ${total(({ rows: n }) => n)} rows`);
console.log(
  `bad, answered with the status they deserve: ${total(({ bad }) => bad)}; cut off halfway: ${total(({ cut }) => cut)}`,
);
console.log(`answered wrongly: ${wrong.length}`);
console.log(`statuses: ${JSON.stringify(statuses)}`);
console.log(
  `${(requests / total(({ seconds }) => seconds)).toFixed(0)} requests per second, the checking of answers among it`,
);
console.log(
  `ms for a good one: median ${percentile(0.5)}, 95 % ${percentile(0.95)}, 99 % ${percentile(0.99)}, most ${percentile(1)}`,
);
console.log(`MB that live after each fifth: ${memory.map(({ held }) => megabytes(held)).join(", ")}`);
console.log(`MB of the process: ${memory.map(({ rss }) => megabytes(rss)).join(", ")}`);
for (const line of wrong.slice(0, 10)) console.log(`WRONG: ${line}`);
const grown = memory[SLICES - 1].held - memory[0].held;
if (wrong.length > 0 || code !== 0 || grown > 2e6) process.exitCode = 1;
