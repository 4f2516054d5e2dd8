import { afterAll, expect, test } from "vitest";
import { linear } from "../../src/nn/linear.ts";
import { plainTable, started } from "../export/samples.ts";
import { row } from "./model.ts";
import { closeServers, post, sendBytes, startServer } from "./requests.ts";

afterAll(closeServers);

const server = await startServer();

const json = "application/json";
const { area: _, ...rest } = row;
const refused: [string, number, unknown, string][] = [
  [
    "a misspelt column",
    400,
    { rows: [{ ...rest, aera: 1 }] },
    'row 1: there is no column "aera"; did you mean "area"?',
  ],
  [
    "one that resembles none",
    400,
    { rows: [row, { ...row, xyzzy: 1 }] },
    'row 2: there is no column "xyzzy"; there are "area", "city", "day"',
  ],
  ["a missing column", 400, { rows: [row, rest] }, 'row 2, column "area": it is not there; null says that a value is'],
  ["an empty row", 400, { rows: [{}] }, 'row 1, column "area": it is not there'],
  [
    "a word for a number",
    400,
    { rows: [row, { ...row, area: "big" }] },
    'row 2, column "area": expected a number or null',
  ],
  [
    "a list for text",
    400,
    { rows: [{ ...row, city: ["Bonn"] }] },
    'row 1, column "city": expected text, a number, true or false or null',
  ],
  ["a number for a date", 400, { rows: [{ ...row, day: 5 }] }, 'row 1, column "day": expected text or null'],
  [
    "a word for a date",
    400,
    { rows: [{ ...row, day: "soon" }] },
    'row 1, column "day": expected a date such as "2024-12-31"',
  ],
  [
    "infinity",
    400,
    '{"rows":[{"area":1e999,"city":null,"day":null}]}',
    'row 1, column "area": expected a number or null',
  ],
  ["NaN", 400, '{"rows":[{"area":NaN}]}', "the request is not JSON"],
  ["a row that is none", 400, { rows: [row, 5] }, "row 2: expected an object"],
  ["no rows", 400, { rows: [] }, "rows is empty"],
  ["too many rows", 400, { rows: Array(1001).fill(row) }, "at most 1000 rows can be asked for at once"],
  ["rows that are no list", 400, { rows: row }, "rows must be a list"],
  ["no field rows", 400, {}, 'a request must be an object with rows, such as {"rows": [{"age": 31}]}'],
  ["another field", 400, { rows: [row], row: 1 }, 'there is no field "row"; a request has rows'],
  ["novelty that is no yes or no", 400, { rows: [row], novelty: 1 }, "novelty must be true or false"],
  ["a list", 400, [row], "a request must be a JSON object with rows"],
  ["null", 400, "null", "a request must be a JSON object with rows"],
  ["half a body", 400, '{"rows":[{"area"', "the request is not JSON"],
  ["__proto__", 400, '{"rows":[{"__proto__":{"area":1}}]}', 'row 1: there is no column "__proto__"'],
  [
    "constructor",
    400,
    '{"rows":[{"constructor":{"prototype":{"area":1}}}]}',
    'row 1: there is no column "constructor"',
  ],
  [
    "too large a body",
    413,
    { rows: [{ ...row, city: "x".repeat(2 ** 20) }] },
    "the request is larger than this server takes",
  ],
];
test.each(refused)("%s: %i", async (_name, status, body, sentence) => {
  const answer = await post(server, body);
  expect(answer.status).toBe(status);
  expect(Object.keys(answer.body)).toEqual(["error"]);
  expect((answer.body.error as string).startsWith(sentence)).toBe(true);
  expect(answer.body.error).not.toMatch(/\n|node_modules|\.[jt]s\b/);
});

const row2 = (x0: number, x1: number) => ({ x0, x1 });
async function refusalOf(server: Parameters<typeof post>[0], rows: unknown[]): Promise<unknown> {
  const { status, body } = await post(server, { rows });
  expect(status).toBe(400);
  expect(Object.keys(body)).toEqual(["error"]);
  return body.error;
}

test("numbers beyond float32, and rows so far out that the prediction is not finite", async () => {
  const plain = plainTable(2, 1);
  const steep = started(linear(2, 1));
  const other = await startServer({ model: steep, preprocessing: plain });
  expect(await refusalOf(other, [row2(1, 0), row2(1, 1e300)])).toBe('row 2, column "x1": the number is too large');
  (steep.params as Record<string, { data: Float32Array }>).weights.data.fill(3e38);
  const overflowing = await startServer({ model: steep, preprocessing: plain });
  expect(await refusalOf(overflowing, [row2(0.5, 0.5), row2(1e9, 0.5)])).toBe(
    "row 2: the prediction is not finite, so the values lie too far from all that was learnt",
  );
});

test.each(["text/plain", "application/x-www-form-urlencoded", "text/csv"])("a body of %s: 415", async (type) => {
  const { status, body } = await post(server, JSON.stringify({ rows: [row] }), { "content-type": type });
  expect(status).toBe(415);
  expect(body.error).toBe("a request must be JSON, with the header content-type: application/json");
});

test("a body of JSON in another guise is taken", async () => {
  expect((await post(server, { rows: [row] }, { "content-type": `${json}; charset=utf-8` })).status).toBe(200);
});

test("unknown routes: 404, wrong methods: 405, in JSON", async () => {
  for (const path of ["/", "/predict/", "/nothing", "/../etc/passwd", "/%00", "/__proto__"]) {
    const response = await fetch(server.url + path);
    expect(response.status).toBe(404);
    expect(Object.keys((await response.json()) as object)).toEqual(["error"]);
  }
  const wrong = [
    ["GET", "/predict", "POST"],
    ["DELETE", "/predict", "POST"],
    ["OPTIONS", "/predict", "POST"],
    ["POST", "/schema", "GET"],
    ["PUT", "/health?x=1", "GET"],
  ];
  for (const [method, path, allowed] of wrong) {
    const response = await fetch(server.url + path, { method });
    expect([method, path, response.status]).toEqual([method, path, 405]);
    expect(response.headers.get("allow")).toBe(allowed);
    expect(Object.keys((await response.json()) as object)).toEqual(["error"]);
  }
});

test("too many requests: 429, and health is still told", async () => {
  const other = await startServer({ limits: { requestsPerMinute: 5 } });
  const statuses: number[] = [];
  for (let i = 0; i < 8; i++) statuses.push((await post(other, { rows: [row] })).status);
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429, 429]);
  expect((await post(other, { rows: [row] })).body.error).toMatch(
    /^at most 5 requests in a minute; try again in \d+ s$/,
  );
  expect((await fetch(`${other.url}/nothing`)).status).toBe(429);
  expect((await fetch(`${other.url}/health`)).status).toBe(200);
});

test.each([
  ["evil.example", 403],
  ["evil.example:80", 403],
  ["127.0.0.1.evil.example", 403],
  ["localhost.evil.example", 403],
  ["localhost@evil.example", 403],
  ["192.168.1.5", 403],
  ["localhost", 200],
  ["LOCALHOST:1234", 200],
  ["127.0.0.1:99", 200],
  ["[::1]:8080", 200],
])("the host %s: %i", async (host, status) => {
  const answer = await sendBytes(server, `GET /health HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
});

test.each([
  ["GARBAGE\r\n\r\n", "this is not an HTTP request"],
  ["GET / HTTP/1.1\r\n\r\n"],
  ["FOO /predict HTTP/1.1\r\nHost: localhost\r\n\r\n", "this is not an HTTP request"],
  ["\0\0\0\0", "this is not an HTTP request"],
  [
    `GET /${"x".repeat(40_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    "the address or the headers of the request are too long",
  ],
])("what is no request: %#", async (bytes, sentence = "") => {
  const answer = await sendBytes(server, bytes);
  expect(answer).toMatch(/^HTTP\/1.1 4\d\d /);
  expect(answer).toContain(sentence && JSON.stringify({ error: sentence }));
  expect((await fetch(`${server.url}/health`)).status).toBe(200);
});
