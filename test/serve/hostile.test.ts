// Bodies that no client means well by: each gets an answer in JSON, of 200 or 4xx, and the server goes on.
import fc from "fast-check";
import { afterAll, expect, test, vi } from "vitest";
import { row as good, model, preprocessing } from "./model.ts";
import { closeServers, post, startServer } from "./requests.ts";

afterAll(closeServers);

const printed = vi.spyOn(console, "error").mockImplementation(() => {});
afterAll(() => expect(printed).not.toHaveBeenCalled());
const server = await startServer();

const names = fc.constantFrom(
  "area",
  "city",
  "day",
  "id",
  "y",
  "rows",
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "",
  "aera",
);
const numbers = fc.constantFrom(
  "1e999",
  "-1e999",
  "1e308",
  "-0",
  "NaN",
  "Infinity",
  "1e-400",
  "123456789012345678901234567890",
  "0x10",
  "01",
  "+1",
  ".5",
  "1.",
);
const texts = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("NaN", "Infinity", "2024-02-30", "0000-00-00", "NA", "1e999", "9999-12-31T23:59:59Z"),
);
const values = fc.oneof(
  fc.json({ maxDepth: 4 }),
  numbers,
  texts.map((text) => JSON.stringify(text)),
  fc.constantFrom("null", "true", "[]", "{}"),
);
// Half of them have every column that is needed.
const base = [
  ["area", "1"],
  ["city", '"Bonn"'],
  ["day", "null"],
] as [string, string][];
const row = fc
  .tuple(fc.boolean(), fc.array(fc.tuple(names, values), { maxLength: 4 }))
  .map(([whole, cells]) => (whole ? [...base, ...cells] : cells))
  .map((cells) => `{${cells.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",")}}`);
const body = fc
  .array(fc.oneof({ weight: 8, arbitrary: row }, values), { maxLength: 5 })
  .map((rows) => `{"rows":[${rows.join(",")}]}`);
const deep = fc
  .tuple(fc.constantFrom("[", '{"rows":', '{"rows":[{"area":', '{"__proto__":'), fc.integer({ min: 1, max: 30_000 }))
  .map(([piece, times]) => piece.repeat(times));
const broken = fc.tuple(body, fc.nat(), fc.string()).map(([text, at, more]) => {
  const cut = at % (text.length + 1);
  return text.slice(0, cut) + more + text.slice(cut + 3);
});

/** A body is answered: well, with as many finite predictions as rows; or with what is wrong with it. */
async function expectAnswer(sent: string | Uint8Array): Promise<number> {
  const { status, body: answer } = await post(server, sent);
  expect([200, 400, 413]).toContain(status);
  if (status === 200) {
    const { rows } = JSON.parse(String(sent));
    expect(answer.predictions).toHaveLength(rows.length);
    for (const prediction of answer.predictions as Record<string, number>[]) {
      expect(Object.values(prediction).every(Number.isFinite)).toBe(true);
    }
  } else {
    expect(Object.keys(answer)).toEqual(["error"]);
    expect(String(answer.error)).toMatch(/^[^\n]{5,400}$/);
    expect(String(answer.error)).not.toMatch(/node_modules|\.[jt]s:\d|undefined|\[object/);
  }
  expect(Object.prototype).not.toHaveProperty("area");
  return status;
}

test("bodies of any kind", async () => {
  const statuses = new Set<number>();
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 });
  const any = fc.oneof({ weight: 5, arbitrary: body }, broken, deep, fc.json(), bytes, values);
  await fc.assert(
    fc.asyncProperty(any, async (sent) => {
      statuses.add(await expectAnswer(sent));
    }),
    { numRuns: 1500 },
  );
  expect([...statuses].sort()).toEqual([200, 400]);
}, 60_000);

test("after all that it still says what it said", async () => {
  const { status, body: answer } = await post(server, { rows: [good] });
  expect(status).toBe(200);
  expect(answer.predictions).toHaveLength(1);
  expect(model.layer.config.type).toBe("gmnm");
  expect(preprocessing.inputs).toHaveLength(3);
});
