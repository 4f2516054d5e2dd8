import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { gmnm, gmnmHere, scratch, writeConfig, writeHouses } from "../run/small-run.ts";

const folder = scratch();
const run = join(folder, "run");
const house = { rooms: 3, age: 12, city: "Rome", sold: "2021-05-01" };

beforeAll(async () => {
  writeHouses(join(folder, "houses.csv"));
  writeConfig(join(folder, "config.json"), join(folder, "houses.csv"), "price");
  writeFileSync(join(folder, "one.csv"), `${Object.keys(house).join(",")}\n${Object.values(house).join(",")}\n`);
  const { status, stderr } = await gmnmHere(["fit", "--config", join(folder, "config.json"), "--out", run]);
  if (status !== 0) throw new Error(stderr);
}, 120_000);

/** What the command line predicts for the house. */
function predicted(): number {
  const { stdout } = gmnm(["predict", run, join(folder, "one.csv"), "--json"]);
  return JSON.parse(stdout)[0].price;
}

describe("gmnm export", () => {
  it.each(["js", "json", "onnx", "pytorch"])("to %s says what it wrote and how near it is", async (to) => {
    const { status, stdout } = await gmnmHere([
      "export",
      run,
      "--to",
      to,
      "--out",
      join(folder, `model-${to}`),
      "--json",
    ]);
    expect(status).toBe(0);
    const { files, rows, error, unverified } = JSON.parse(stdout);
    expect(files[0]).toBe(join(folder, `model-${to}`));
    // Where a format cannot be run here, it says why.
    if (unverified === undefined) expect([rows > 0, error < 1e-5]).toEqual([true, true]);
    else expect(unverified).toMatch(/there is no python3 with torch here|onnxruntime-node is not installed/);
  });

  it("makes a module that predicts what the run predicts", async () => {
    const file = join(folder, "houses.mjs");
    expect((await gmnmHere(["export", run, "--to", "js", "--out", file])).status).toBe(0);
    const { predict } = await import(file);
    expect(predict(house).price).toBeCloseTo(predicted(), 2);
  });

  it("refuses formats that there are not", async () => {
    const { status, stderr } = await gmnmHere(["export", run, "--to", "excel"]);
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining("--to must be one of onnx, json, pytorch, js, got excel"),
    ]);
  });
});

describe("gmnm serve", () => {
  it("answers on loopback, refuses what it does not know, and stops when it is told to", async () => {
    const server = spawn(process.execPath, ["src/cli/main.ts", "serve", run, "--port", "0"]);
    const ended = new Promise<number | null>((resolve) => server.on("exit", resolve));
    const url = await new Promise<string>((resolve) =>
      server.stdout.on("data", (text) => {
        const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(String(text)) ?? [];
        if (found) resolve(found);
      }),
    );
    const post = (body: unknown) =>
      fetch(`${url}/predict`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    const good = await post({ rows: [house] });
    expect(good.status).toBe(200);
    expect((await good.json()).predictions[0].price).toBeCloseTo(predicted(), 2);
    const bad = await post({ rows: [{ ...house, romms: 3 }] });
    expect([bad.status, await bad.json()]).toEqual([400, { error: expect.stringContaining('"romms"') }]);
    const schema = await (await fetch(`${url}/schema`)).json();
    expect(schema).toMatchObject({ task: "regression", columns: Object.keys(house) });
    server.kill("SIGTERM");
    expect(await ended).toBe(0);
  }, 60_000);

  it("says in one sentence that a port is taken", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken.on("listening", resolve));
    const { port } = taken.address() as { port: number };
    const { status, stderr } = await gmnmHere(["serve", run, "--port", String(port)]);
    expect([status, stderr]).toEqual([1, expect.stringMatching(new RegExp(`^gmnm: .*${port}.*\n$`))]);
    taken.close();
  });
});
