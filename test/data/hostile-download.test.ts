import { createHash } from "node:crypto";
import { type AddressInfo, createServer } from "node:net";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { contents, get } from "./downloaded.ts";

test("200 made-up answers of a server give the whole file, or one sentence and none", { timeout: 60_000 }, async () => {
  const small = contents.subarray(0, 2000);
  const right = { sha256: createHash("sha256").update(small).digest("hex"), bytes: small.length };
  let answers: Uint8Array[] = [];
  // Not an HTTP server: it says whatever it is told to, whatever it was asked.
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(answers.shift() ?? Uint8Array.of()));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`;

  const status = fc.constantFrom("200 OK", "206 Partial Content", "416 No", "302 Found", "500 Broken", "999", "x");
  const length = fc.constantFrom("0", "5", "2000", "1000", "-1", "1e9", "99999999999999999999", "two");
  const from = fc.constantFrom(0, 5, 1000, 2000);
  const header = fc.oneof(
    length.map((value) => `content-length: ${value}`),
    fc.constantFrom(...["gzip", "identity", "br", "what"].map((coding) => `content-encoding: ${coding}`)),
    from.map((value) => `content-range: bytes ${value}-1999/2000`),
    fc.constantFrom(
      "content-range: bytes */5",
      "transfer-encoding: chunked",
      "location: /file",
      "location: http://[",
      ": ",
    ),
    fc.string({ unit: "grapheme-ascii", maxLength: 9 }),
  );
  const body = fc.oneof(
    from.map((at) => small.slice(at)),
    from.map((at) => small.slice(0, at)),
    fc.uint8Array({ maxLength: 20 }),
    fc.constant(gzipSync(small)),
    fc.constant(new Uint8Array(5000)),
  );
  const http = fc
    .tuple(status, fc.array(header, { maxLength: 3 }), body)
    .map(([line, headers, bytes]) =>
      Buffer.concat([
        Buffer.from(`HTTP/1.1 ${line}\r\n${headers.map((text) => `${text}\r\n`).join("")}connection: close\r\n\r\n`),
        bytes,
      ]),
    );
  const answer = fc.oneof({ weight: 9, arbitrary: http }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 50 }) });
  const part = fc.option(
    from.map((at) => small.slice(0, at)),
    { nil: undefined },
  );
  let whole = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(answer, { minLength: 1, maxLength: 5 }), part, async (list, had) => {
      answers = [...list];
      const found = await get([address], { known: right }, had);
      if (found.message === undefined) {
        whole++;
        expect(found.file).toEqual(small);
      } else {
        expect(found.file).toBeUndefined();
        expect(found.message).toMatch(/^gmnm: cannot download [^\n]{20,900}$/);
        expect(found.part?.length ?? 0).toBeLessThanOrEqual(small.length);
      }
    }),
    { numRuns: 200 },
  );
  // Not all of them are bad.
  expect(whole).toBeGreaterThan(0);
  await new Promise((done) => server.close(done));
});
