// Load on a server of a model: good requests whose answers are known, and bad ones of every kind between them.
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { largestError } from "../src/export/compare.ts";
import { Random } from "../src/random.ts";
import type { AnyPreprocessing, JsonRow, Prediction } from "../src/table/json-rows.ts";

/** Rows that the server may be asked for, and what it has to say of them. */
export type Known = { rows: readonly JsonRow[]; predictions: readonly Prediction[]; preprocessing: AnyPreprocessing };

export type LoadOptions = {
  requests: number;
  /** Requests under way at any time. */
  concurrency: number;
  /** Of the requests, how many are bad. */
  badShare: number;
  seed?: number;
};

export type LoadResult = {
  /** Good requests answered with the right predictions, and bad ones with the status they deserve. */
  good: number;
  bad: number;
  /** Connections that were cut in the middle of a request: no answer was waited for. */
  cut: number;
  /** What was answered wrongly, in words; none, if all is well. */
  wrong: string[];
  /** How often each status was answered. */
  statuses: Record<string, number>;
  rows: number;
  seconds: number;
  /** Milliseconds from asking to the whole answer, sorted. */
  latencies: Float64Array;
};

type Asked = { method?: string; path?: string; headers?: Record<string, string>; body?: string; status: number };

const text = (body: unknown): string => JSON.stringify(body);
const BAD: ((row: JsonRow, random: Random) => Asked)[] = [
  (row) => ({ body: text({ rows: [{ ...row, unheard: 1 }] }), status: 400 }),
  (row) => ({
    body: text({ rows: [row, Object.fromEntries(Object.keys(row).map((name) => [name, { deep: [1] }]))] }),
    status: 400,
  }),
  (row) => ({ body: text({ rows: [row] }).slice(0, -3), status: 400 }),
  (_, random) => ({
    body: String.fromCharCode(...Array.from({ length: 50 }, () => random.uniform(1, 500))),
    status: 400,
  }),
  () => ({ body: '{"rows":[{"__proto__":{"polluted":1}}]}', status: 400 }),
  () => ({ body: "[".repeat(50_000), status: 400 }),
  () => ({ body: `{"rows":${"[".repeat(20_000)}${"]".repeat(20_000)}}`, status: 400 }),
  () => ({ body: text({ rows: [] }), status: 400 }),
  () => ({ body: "", status: 400 }),
  (row) => ({ body: text({ rows: Array(1001).fill(row) }), status: 400 }),
  () => ({ body: `{"rows":[{"a":"${"x".repeat(2 ** 20)}"}]}`, status: 413 }),
  (row) => ({ body: text({ rows: [row] }), headers: { "content-type": "text/plain" }, status: 415 }),
  () => ({ method: "GET", path: "/nothing", status: 404 }),
  () => ({ method: "GET", status: 405 }),
  () => ({ method: "GET", path: "/health", headers: { host: "evil.example" }, status: 403 }),
];

/** Asks a server many times and checks every answer. */
export async function load(url: string, known: Known, options: LoadOptions): Promise<LoadResult> {
  const { requests, concurrency, badShare, seed = 1 } = options;
  const random = new Random(seed);
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const result: LoadResult = {
    good: 0,
    bad: 0,
    cut: 0,
    wrong: [],
    statuses: {},
    rows: 0,
    seconds: 0,
    latencies: new Float64Array(0),
  };
  const latencies: number[] = [];
  const pick = (n: number) => Math.floor(random.uniform(0, n));
  let left = requests;

  const askOne = async () => {
    const first = pick(known.rows.length);
    if (random.uniform() >= badShare) {
      const rows = known.rows.slice(first, first + (pick(10) === 0 ? 200 : 1 + pick(5)));
      const begun = performance.now();
      const { status, body } = await ask(url, agent, { body: text({ rows }), status: 200 });
      latencies.push(performance.now() - begun);
      result.statuses[status] = (result.statuses[status] ?? 0) + 1;
      const { predictions } = (status === 200 ? JSON.parse(body) : {}) as { predictions?: Prediction[] };
      const expected = known.predictions.slice(first, first + rows.length);
      const error = predictions ? largestError(predictions, expected, known.preprocessing) : Infinity;
      result.rows += rows.length;
      if (error < 1e-5) result.good++;
      else result.wrong.push(`${status} for ${rows.length} good rows, error ${error}: ${body.slice(0, 200)}`);
    } else if (pick(BAD.length + 1) === 0) {
      await cutOff(url, text({ rows: [known.rows[first]] }));
      result.cut++;
    } else {
      const kind = pick(BAD.length);
      const asked = BAD[kind](known.rows[first], random);
      const { status, body } = await ask(url, agent, asked);
      result.statuses[status] = (result.statuses[status] ?? 0) + 1;
      const sentence = typeof (JSON.parse(body) as { error?: unknown }).error === "string";
      if (status === asked.status && sentence) result.bad++;
      else result.wrong.push(`${status} instead of ${asked.status} for bad request ${kind}: ${body.slice(0, 200)}`);
    }
  };

  const begun = performance.now();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (left-- > 0) await askOne();
    }),
  );
  result.seconds = (performance.now() - begun) / 1000;
  result.latencies = Float64Array.from(latencies).sort();
  agent.destroy();
  return result;
}

/** What the server answers; status 0 and a reason where there is no answer. */
function ask(url: string, agent: Agent, { method = "POST", path = "/predict", headers, body }: Asked) {
  return new Promise<{ status: number; body: string }>((resolve) => {
    const fail = (error: Error) => resolve({ status: 0, body: text({ error: error.message }) });
    const json = method === "POST" ? { "content-type": "application/json" } : {};
    const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
    const asking = request(
      new URL(path, url),
      { method, agent, headers: { ...json, ...length, ...headers } },
      (response) => {
        let answer = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          answer += chunk;
        });
        response.on("end", () => resolve({ status: response.statusCode!, body: answer }));
        response.on("error", fail);
      },
    );
    asking.on("error", fail);
    asking.end(body);
  });
}

/** Sends half a request and hangs up. */
function cutOff(url: string, body: string): Promise<void> {
  const { port, hostname } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      const head = `POST /predict HTTP/1.1\r\nHost: ${hostname}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
      socket.write(head + body.slice(0, body.length >> 1), () => socket.destroy());
    });
    socket.on("close", () => resolve()).on("error", () => {});
  });
}
