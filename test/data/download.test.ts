import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { download } from "../../src/data/download.ts";
import { contents, get, known } from "./downloaded.ts";
import { folderOf } from "./folder.ts";
import { sendRange, serve } from "./serve.ts";

/** Breaks a connection once what was sent has surely been read. */
const pullCable = (response: ServerResponse) => setTimeout(() => response.destroy(), 100);

describe("a download", () => {
  test("comes whole, with its progress, and leaves no part", async () => {
    await using server = await serve((request, response) => sendRange(contents, request, response));
    const progress: [number, number | undefined][] = [];
    const found = await get([`${server.url}a`], { known, onProgress: (...at) => progress.push(at) });
    expect(found).toMatchObject({ message: undefined, file: contents, part: undefined });
    expect(progress.at(-1)).toEqual([contents.length, contents.length]);
    expect(server.asked).toEqual([{ path: "/a", range: undefined }]);
  });

  test("goes on where the connection broke, again and again", async () => {
    await using server = await serve((request, response) => {
      const from = Number(/\d+/.exec(request.headers.range ?? "0")![0]);
      const status = from > 0 ? 206 : 200;
      response.writeHead(status, { "content-length": contents.length - from, "content-range": `bytes ${from}-` });
      // A hundred thousand bytes at a time, then the cable is pulled.
      const piece = contents.subarray(from, from + 100_000);
      if (from + piece.length === contents.length) response.end(piece);
      else response.write(piece, () => pullCable(response));
    });
    const found = await get([server.url]);
    expect(found).toMatchObject({ message: undefined, file: contents, part: undefined });
    expect(server.asked.map(({ range }) => range)).toEqual([undefined, "bytes=100000-", "bytes=200000-"]);
  });

  test("that breaks off for good leaves its part, from which the next one goes on", async () => {
    let broken = true;
    await using server = await serve((request, response) => {
      if (!broken) return sendRange(contents, request, response);
      response.writeHead(request.headers.range ? 503 : 200, { "content-length": contents.length });
      response.write(contents.subarray(0, 1000), () => pullCable(response));
    });
    const folder = folderOf({});
    const path = join(folder, "file");
    await expect(download([server.url], path, { known, pause: 1 })).rejects.toThrow(/answers 503/);
    expect(existsSync(path)).toBe(false);
    expect(readFileSync(`${path}.part`)).toHaveLength(1000);
    broken = false;
    await download([server.url], path, { known, pause: 1 });
    expect(new Uint8Array(readFileSync(path))).toEqual(contents);
    expect(server.asked.at(-1)!.range).toBe("bytes=1000-");
  });

  test("says how far it came when a server always breaks off", async () => {
    await using server = await serve((_, response) => response.destroy());
    const found = await get([server.url]);
    expect(found.message).toMatch(
      /^gmnm: cannot download .*file: http:.* broke off 5 times, at last with "(UND_ERR_SOCKET|ECONNRESET)"; 0 bytes are in .*file\.part, from where the next download goes on$/,
    );
    expect(server.asked).toHaveLength(5);
    expect(found.file).toBeUndefined();
  });

  test("goes on after a server has closed while its bytes were still being written", async () => {
    const large = Buffer.alloc(2 ** 25, contents);
    const whole = { sha256: createHash("sha256").update(large).digest("hex"), bytes: large.length };
    let times = 0;
    await using server = await serve((request, response) => {
      const from = Number(/\d+/.exec(request.headers.range ?? "0")![0]);
      response.writeHead(from ? 206 : 200, { connection: "close", "content-range": `bytes ${from}-` });
      // No length: where the connection ends the file does, says the server.
      response.useChunkedEncodingByDefault = false;
      response.end(large.subarray(from, ++times < 3 ? from + 2 ** 23 : undefined));
    });
    const onProgress = () => {
      for (const until = performance.now() + 2; performance.now() < until; ); // a slow disk
    };
    const found = await get([server.url], { known: whole, onProgress });
    expect(found.message).toBeUndefined();
    expect(createHash("sha256").update(found.file!).digest("hex")).toBe(whole.sha256);
    expect(times).toBe(3);
  });

  test("begins anew with a server that ignores ranges", async () => {
    await using server = await serve((_, response) => response.writeHead(200).end(contents));
    const found = await get([server.url], { known }, contents.slice(0, 1234));
    expect(found).toMatchObject({ message: undefined, file: contents });
    expect(server.asked).toEqual([{ path: "/", range: "bytes=1234-" }]);
  });

  test("begins anew with a server that answers another range, or none", async () => {
    for (const status of [206, 416]) {
      await using server = await serve((request, response) => {
        if (!request.headers.range) sendRange(contents, request, response);
        else response.writeHead(status, { "content-range": "bytes 7-9/300000" }).end("???");
      });
      expect(await get([server.url], { known }, contents.slice(0, 5))).toMatchObject({ file: contents });
      expect(server.asked).toHaveLength(2);
    }
  });

  test("whose part is of another file is fetched anew", async () => {
    await using server = await serve((request, response) => sendRange(contents, request, response));
    const found = await get([server.url], { known }, new Uint8Array(5000));
    expect(found).toMatchObject({ message: undefined, file: contents });
    expect(server.asked.map(({ range }) => range)).toEqual(["bytes=5000-", undefined]);
  });

  test("whose part is whole asks for nothing more", async () => {
    await using server = await serve((_, response) => response.writeHead(500).end());
    expect(await get([server.url], { known }, contents)).toMatchObject({ file: contents, part: undefined });
    expect(server.asked).toEqual([]);
  });

  test("without a declared length is taken as it comes, and its size checked", async () => {
    for (const sent of [contents, contents.slice(0, 250_000)]) {
      await using server = await serve((request, response) => {
        response.useChunkedEncodingByDefault = false; // the connection's end is the file's end
        const from = Number(/\d+/.exec(request.headers.range ?? "0")![0]);
        response.writeHead(from ? 206 : 200, { connection: "close", "content-range": `bytes ${from}-` });
        response.end(from ? contents.subarray(from) : sent);
      });
      expect(await get([server.url])).toMatchObject({ message: undefined, file: contents });
      expect(server.asked).toHaveLength(sent === contents ? 1 : 2);
    }
  });

  test("without a hash is never put together from pieces", async () => {
    await using server = await serve((request, response) => sendRange(contents, request, response));
    const found = await get([server.url], { known: {} }, contents.slice(0, 777));
    expect(found).toMatchObject({ message: undefined, file: contents });
    expect(server.asked).toEqual([{ path: "/", range: undefined }]);
  });
});

describe("what is not the file", () => {
  test("other bytes are refused by their hash, and nothing is left", async () => {
    await using server = await serve((_, response) => response.end(contents.map((byte) => byte ^ 1)));
    const found = await get([server.url]);
    expect(found.message).toMatch(
      /^gmnm: cannot download .*file: what http:.* sends is not the file that was published: SHA-256 [0-9a-f]{64}, expected [0-9a-f]{64}$/,
    );
    expect([found.file, found.part]).toEqual([undefined, undefined]);
  });

  test("a page in place of the file is refused by its MD5", async () => {
    await using server = await serve((_, response) => response.end("<html>Please log in</html>"));
    const md5 = createHash("md5").update(contents).digest("hex");
    expect((await get([server.url], { known: { md5 } })).message).toMatch(
      new RegExp(`MD5 [0-9a-f]{32}, expected ${md5}`),
    );
  });

  test("more bytes than there should be are not waited for", async () => {
    await using server = await serve((_, response) => {
      const more = () => response.write(contents, () => response.destroyed || more());
      more();
    });
    const found = await get([server.url]);
    expect(found.message).toMatch(/sends more than the 300000 bytes that the file may have/);
    expect([found.file, found.part]).toEqual([undefined, undefined]);
  });

  test("an older file of the name stays when the download fails", async () => {
    await using server = await serve((_, response) => response.end("other"));
    const path = join(folderOf({ file: "old" }), "file");
    await expect(download([server.url], path, { known })).rejects.toThrow("not the file that was published");
    expect(readFileSync(path, "utf8")).toBe("old");
  });
});

describe("addresses that lead on", () => {
  test("are followed, to where they lead from where they are", async () => {
    await using server = await serve((request, response) => {
      const next = { "/a": "b/c", "/b/c": "/d?e=f" }[request.url!];
      if (next) response.writeHead(302, { location: next }).end("moved");
      else sendRange(contents, request, response);
    });
    const found = await get([`${server.url}a`], { known }, contents.slice(0, 10));
    expect(found).toMatchObject({ message: undefined, file: contents });
    expect(server.asked).toEqual(["/a", "/b/c", "/d?e=f"].map((path) => ({ path, range: "bytes=10-" })));
  });

  test.each([
    ["/", "it leads on and on"],
    ["file:///etc/passwd", "file:// is no way to download"],
    ["http://[", "ERR_INVALID_URL"],
  ])("but not for ever, and not anywhere: %s", async (location, reason) => {
    await using server = await serve((_, response) => response.writeHead(301, { location }).end());
    const found = await get([server.url]);
    expect(found.message).toContain(`cannot be reached (${reason})`);
    expect(server.asked.length).toBeLessThan(12);
  });
});

describe("several addresses", () => {
  test("are tried in turn", async () => {
    await using server = await serve((request, response) => {
      if (request.url === "/gone") response.writeHead(404, "Not Found").end();
      else sendRange(contents, request, response);
    });
    const addresses = ["http://127.0.0.1:1/nobody", `${server.url}gone`, `${server.url}here`];
    expect(await get(addresses)).toMatchObject({ message: undefined, file: contents });
    const all = await get(addresses.slice(0, 2));
    expect(all.message).toMatch(/nobody cannot be reached \(.*\); http:.*gone answers 404 Not Found$/);
  });

  test("none of which can be reached: is there a network?", async () => {
    expect((await get(["http://127.0.0.1:1/", "http://gmnm.invalid/file"])).message).toMatch(
      /127\.0\.0\.1:1\/ cannot be reached \(.*\); http:\/\/gmnm\.invalid\/file cannot be reached \(.*\); is there a network\?$/,
    );
    expect((await get(["nonsense"])).message).toMatch(/nonsense cannot be reached \(ERR_INVALID_URL\)/);
  });
});

test("a folder that is not there is named", async () => {
  await using server = await serve((request, response) => sendRange(contents, request, response));
  const path = join(folderOf({}), "none", "file");
  await expect(download([server.url], path, { known })).rejects.toThrow(
    /cannot write .*none\/file: no such file or folder/,
  );
});
