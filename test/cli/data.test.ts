import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { downloadProgress, showBytes } from "../../src/cli/download-progress.ts";
import { folderOf, realData, whySkipped } from "../data/folder.ts";
import { sendRange, serve } from "../data/serve.ts";

/** Runs the command beside a server in this process, so without blocking it. */
function gmnm(args: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ["src/cli/main.ts", "data", ...args], {
    env: { ...process.env, GMNM_DATA: "" },
  });
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].on("data", (chunk) => {
      said[stream] += chunk;
    });
  }
  return new Promise((done) => child.on("close", (status) => done({ status, ...said })));
}

const files = { "ett/ETTh2.csv": "date,a\n", "mnist/t10k-labels-idx1-ubyte.gz": "no", "other/file": "" };

describe("gmnm data", () => {
  test("lists data sets with their homes and licences, and says which files are here", async () => {
    const { status, stdout } = await gmnm(["list", "--data", folderOf(files)]);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^fashion-mnist +Fashion-MNIST.*\n +https:\/\/github\.com\/zalandoresearch\/fashion-mnist\n +licence: MIT$/m,
    );
    expect(stdout).toMatch(/^ett .*\(1 of 4 files are here\)$/m);
  });

  test("lists the files of one, with sizes and hashes where there are any", async () => {
    const { status, stdout } = await gmnm(["list", "cifar-10"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^cifar-10-binary\.tar\.gz +170052171 +MD5 c32a1d4ab5d03f1284b67883e8d87530$/m);
    expect(stdout).toMatch(/^test_batch\.bin +30730000 +no hash was published$/m);
  });

  test("checks a folder: a table, what is missing, and in one sentence what is wrong", async () => {
    const { status, stdout, stderr } = await gmnm(["check", folderOf(files)]);
    expect(stdout).toMatch(/^ett +0 +1 +0 +3$/m);
    expect(stdout).toMatch(/^mnist +0 +0 +1 +3$/m);
    expect(stdout).toContain("ett lacks ETTh1.csv, ETTm1.csv, ETTm2.csv\n");
    expect(stderr).toMatch(
      /^gmnm: .*t10k-labels-idx1-ubyte\.gz is not a whole gzip file: its 2 bytes are cut off or damaged\n$/,
    );
    expect(status).toBe(1);
  });

  test.each([
    [["get", "minst", "--data", "x"], 1, /^gmnm: there is no data set "minst"; there are mnist, /],
    [["list", "minst"], 1, /^gmnm: there is no data set "minst"/],
    [["check", "no/such/folder"], 1, /^gmnm: there is no data folder no\/such\/folder/],
    [["check", "test/cli"], 1, /^gmnm: there is no file of a known data set in .*test\/cli\n$/],
    [["get"], 2, /missing required argument/],
    [["gett", "mnist"], 2, /unknown command 'gett'/],
  ])("%j fails in one sentence", async (args, code, message) => {
    const { status, stderr } = await gmnm(args);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(status).toBe(code);
  });

  test("without a network says so, and where to get the files", async () => {
    const data = folderOf({});
    const { status, stderr } = await gmnm(["get", "exchange-rate", "--data", data, "--source", "http://gmnm.invalid"]);
    expect(stderr).toMatch(
      /^gmnm: cannot download .*exchange_rate\.csv: http:\/\/gmnm\.invalid\/exchange_rate\.csv cannot be reached \(.*\); is there a network\? \(by hand: from https:\/\/github\.com\/laiguokun\/.* into .*ltsf\)\n$/,
    );
    expect(status).toBe(1);
  });

  const mnist = realData && join(realData, "mnist");
  const there = mnist !== undefined && existsSync(mnist);
  test.skipIf(!there)(`gets a data set, with its progress, and finds it whole${whySkipped(there)}`, async () => {
    await using server = await serve((request, response) =>
      sendRange(readFileSync(join(mnist!, request.url!)), request, response),
    );
    const data = folderOf({});
    const first = await gmnm(["get", "mnist", "--data", data, "--source", server.url]);
    expect(first.stderr).toMatch(/^train-images-idx3-ubyte\.gz: 9\.9 MB of 9\.9 MB \(100 %\)$/m);
    expect(first.stdout).toMatch(/^mnist is in .*mnist: train-images-idx3-ubyte\.gz, train-labels/);
    expect((await gmnm(["get", "mnist", "--data", data])).stdout).toMatch(/^mnist is in .*mnist already\n$/);
    const { status, stdout } = await gmnm(["check", data]);
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^mnist +4 +0 +0 +0$/m)]);
  });
});

describe("progress", () => {
  const show = (isTTY: boolean, steps: [number, number | undefined][]) => {
    let said = "";
    const progress = downloadProgress({ isTTY, write: (text: string) => (said += text) });
    const report = progress.start("f");
    for (const step of steps) report(...step);
    progress.end();
    progress.end();
    return said;
  };

  test("is one line, rewritten, on a terminal, and a line per quarter elsewhere", () => {
    const steps = [10, 20, 50, 60, 100].map((received): [number, number] => [received * 1000, 1e5]);
    expect(show(true, steps.slice(3))).toBe(
      "\r\x1b[Kf: 60.0 kB of 100.0 kB (60 %)\r\x1b[Kf: 100.0 kB of 100.0 kB (100 %)\n",
    );
    expect(show(false, steps).split("\n")).toEqual([
      "f: 10.0 kB of 100.0 kB (10 %)",
      "f: 50.0 kB of 100.0 kB (50 %)",
      "f: 100.0 kB of 100.0 kB (100 %)",
      "",
    ]);
  });

  test("of a file of unknown length says what has come", () => {
    expect(
      show(false, [
        [5e6, undefined],
        [6e6, undefined],
        [2e7, undefined],
      ]),
    ).toBe("f: 5.0 MB\nf: 20.0 MB\n");
    expect([0, 999, 1000, 1e6].map(showBytes)).toEqual(["0 B", "999 B", "1.0 kB", "1.0 MB"]);
  });
});
