import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { datasetStates, getDataset } from "../../src/data/get.ts";
import { allFiles, knownDatasets } from "../../src/data/known.ts";
import { folderOf, realData, whySkipped } from "./folder.ts";
import { sendRange, serve } from "./serve.ts";
import { encodeTar } from "./tar.ts";

describe("the table of known data sets", () => {
  const all = Object.values(knownDatasets).flatMap((known) => [
    ...allFiles(known),
    ...(known.archive ? [known.archive] : []),
  ]);

  test("has well-formed hashes, sizes and addresses, and names that are not paths", () => {
    for (const { name, sha256, md5, bytes, unpacked } of all) {
      for (const hash of [sha256, unpacked?.sha256]) expect(hash ?? "0".repeat(64)).toMatch(/^[0-9a-f]{64}$/);
      expect(md5 ?? "0".repeat(32)).toMatch(/^[0-9a-f]{32}$/);
      expect(bytes ?? 1).toBeGreaterThan(0);
      expect(name).not.toContain("/");
    }
    for (const { home, sources } of Object.values(knownDatasets)) {
      for (const address of [home, ...sources]) expect(URL.canParse(address)).toBe(true);
      for (const address of sources) expect(address).toMatch(/\/$/);
    }
  });

  const there = realData !== undefined && existsSync(join(realData, "mnist"));
  test.skipIf(!there)(`says of the files at hand that they are as published${whySkipped(there)}`, () => {
    for (const known of Object.values(knownDatasets)) {
      expect(datasetStates(known, realData!).filter(({ state }) => state === "wrong")).toEqual([]);
    }
    expect(datasetStates(knownDatasets.mnist, realData!).map(({ state }) => state)).toEqual(new Array(4).fill("right"));
  });
});

describe("getting", () => {
  test("an unknown data set names the known ones", async () => {
    await expect(getDataset("minst", "x")).rejects.toThrow(
      'gmnm: there is no data set "minst"; there are mnist, fashion-mnist, cifar-10, cifar-100, ett',
    );
    await expect(getDataset("constructor", "x")).rejects.toThrow('there is no data set "constructor"');
  });

  test("a file that is there and wrong is not replaced", async () => {
    const data = folderOf({ "ltsf/exchange_rate.csv": "date,a\n" });
    await expect(getDataset("exchange-rate", data)).rejects.toThrow(
      /exchange_rate\.csv is not the file that was published: SHA-256 .*; remove it to download it anew/,
    );
    expect(readFileSync(join(data, "ltsf/exchange_rate.csv"), "utf8")).toBe("date,a\n");
  });

  test("wrong bytes are refused, with where to get the file by hand", async () => {
    await using server = await serve((_, response) => response.end("date,a\n"));
    const data = folderOf({});
    await expect(getDataset("exchange-rate", data, { source: server.url, pause: 1 })).rejects.toThrow(
      /cannot download .*(not the file that was published|broke off 5 times).*\(by hand: from https:\/\/github\.com\/laiguokun.* into .*ltsf\)/,
    );
    expect(existsSync(join(data, "ltsf/exchange_rate.csv"))).toBe(false);
  });

  const uci = realData && join(realData, "tabular", "uci", "energy");
  const there = uci !== undefined && existsSync(uci);
  test.skipIf(!there)(
    `what is missing is downloaded, and what is there is left alone${whySkipped(there)}`,
    async () => {
      await using server = await serve((request, response) =>
        sendRange(readFileSync(join(uci!, request.url!)), request, response),
      );
      const target = readFileSync(join(uci!, "index_target.txt"));
      const data = folderOf({ "tabular/uci/energy/index_target.txt": target });
      const names: string[] = [];
      const onFile = (name: string) => void names.push(name) as undefined;
      const { folder, got } = await getDataset("energy", data, { source: server.url.slice(0, -1), onFile });
      expect(got).toHaveLength(12);
      expect([names, server.asked.map(({ path }) => path.slice(1))]).toEqual([got, got]);
      expect(readFileSync(join(folder, "data.txt"))).toEqual(readFileSync(join(uci!, "data.txt")));
      expect((await getDataset("energy", data, { source: server.url })).got).toEqual([]);
      expect(server.asked).toHaveLength(12);
    },
  );
});

describe("an archive", () => {
  afterEach(() => {
    delete (knownDatasets as Record<string, unknown>).small;
  });

  /** A data set of two files in an archive, served from this machine. */
  async function getFrom(archive: Uint8Array) {
    const files = [{ name: "one.bin", bytes: 3 }, { name: "two.txt" }];
    const known = { ...knownDatasets["cifar-10"], folder: "small", files, subset: undefined };
    (knownDatasets as Record<string, unknown>).small = { ...known, archive: { name: "small.tar.gz", folder: "inner" } };
    await using server = await serve((request, response) => sendRange(archive, request, response));
    const data = folderOf({});
    const error = await getDataset("small", data, { source: server.url, pause: 1 }).catch((e) => e);
    const read = (name: string) => {
      const path = join(data, "small", name);
      return existsSync(path) ? readFileSync(path, "utf8") : undefined;
    };
    return { data, message: error instanceof Error ? error.message : undefined, read };
  }
  const bytes = (text: string) => new TextEncoder().encode(text);

  test("is unpacked and does not stay; of what is in it, only the files of the data set are written", async () => {
    const outside = join(tmpdir(), `gmnm-escaped-${process.pid}`); // an absolute name
    const { data, message, read } = await getFrom(
      gzipSync(
        encodeTar([
          ["inner/../../escaped", bytes("evil")],
          [outside, bytes("evil")],
          ["inner/one.bin", bytes("evil"), "2"],
          ["inner/one.bin", bytes("abc")],
          ["inner/readme.html", bytes("no")],
          ["inner/two.txt", bytes("two")],
        ]),
      ),
    );
    expect(message).toBeUndefined();
    expect([read("one.bin"), read("two.txt"), read("readme.html"), read("small.tar.gz")]).toEqual([
      "abc",
      "two",
      undefined,
      undefined,
    ]);
    expect([join(data, "escaped"), join(data, "..", "escaped"), outside].some(existsSync)).toBe(false);
  });

  test.each([
    ["not gzip", bytes("<html>"), /small\.tar\.gz is not a whole gzip file: its 6 bytes are cut off or damaged/],
    ["not tar", gzipSync(bytes("text")), /small\.tar\.gz is not a whole tar archive: it ends at byte 4/],
    [
      "without a file",
      gzipSync(encodeTar([["inner/one.bin", bytes("abc")]])),
      /there is no inner\/two\.txt in .*small\.tar\.gz/,
    ],
    [
      "with a file of another size",
      gzipSync(encodeTar([["inner/one.bin", bytes("abcd")]])),
      /inner\/one\.bin in .*small\.tar\.gz has 4 bytes, expected 3/,
    ],
  ])("%s is refused", async (_, archive, sentence) => {
    expect((await getFrom(archive)).message).toMatch(sentence);
  });
});

test("files without a published hash are told from those with one, and sizes still count", () => {
  const data = folderOf({ "cifar-100/test.bin": "short", "cifar-100/fine_label_names.txt": "a\n" });
  const states = datasetStates(knownDatasets["cifar-100"], data);
  expect(states).toMatchObject([
    { file: "train.bin", state: "missing" },
    { file: "test.bin", state: "wrong", problem: expect.stringMatching(/test\.bin has 5 bytes, expected 30740000/) },
    { file: "fine_label_names.txt", state: "unchecked" },
    { file: "coarse_label_names.txt", state: "missing" },
  ]);
  const fashion = folderOf({
    "fashion-mnist/t10k-labels-idx1-ubyte": "unpacked",
    "fashion-mnist/t10k-images-idx3-ubyte.gz": gzipSync("x"),
  });
  expect(datasetStates(knownDatasets["fashion-mnist"], fashion).map(({ state }) => state)).toEqual([
    "missing",
    "missing",
    "wrong",
    "unchecked",
  ]);
  const inner = folderOf({ "cifar-10/cifar-10-batches-bin/batches.meta.txt": "x" });
  expect(datasetStates(knownDatasets["cifar-10"], inner).at(-1)).toEqual({
    file: "batches.meta.txt",
    state: "unchecked",
  });
  writeFileSync(join(inner, "cifar-10/cifar-10-batches-bin/data_batch_1_first4000.bin"), "x");
  expect(datasetStates(knownDatasets["cifar-10"], inner).at(-1)).toMatchObject({
    file: "data_batch_1_first4000.bin",
    state: "wrong",
  });
});
