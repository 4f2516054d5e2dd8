// A client that sends too much hears so, though it is still sending: a connection closed on it would be reset, and the answer lost.
import { connect } from "node:net";
import { afterAll, expect, test } from "vitest";
import type { Server } from "../../src/serve/index.ts";
import { closeServers, startServer } from "./requests.ts";

afterAll(closeServers);

const PIECE = "x".repeat(2 ** 16);
const PIECES = 48;
const CHUNK = `${PIECE.length.toString(16)}\r\n${PIECE}\r\n`;

/** A connection that has begun a request, what came back on it, and its end, however it ends. */
function begin(server: Server, header: string) {
  const { port, hostname } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  let text = "";
  socket.setEncoding("utf8").on("data", (data) => {
    text += data;
  });
  const closed = new Promise((resolve) => socket.on("error", () => {}).on("close", resolve));
  socket.write(`POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${header}\r\n\r\n`);
  return { socket, closed, text: () => text };
}

test.each([
  ["of a length it has told", `Content-Length: ${PIECES * PIECE.length}`, PIECE, "", 1],
  ["in pieces", "Transfer-Encoding: chunked", CHUNK, "0\r\n\r\n", 20],
])("a body %s: the answer comes, the rest is read and forgotten", async (_name, header, piece, end, begun) => {
  const { socket, closed, text } = begin(await startServer(), header);
  for (let i = 0; i < begun; i++) socket.write(piece);
  await expect.poll(text).toMatch(/^HTTP\/1.1 413 .*\{"error":"the request is larger than this server takes"\}$/s);
  for (let i = begun; i < PIECES; i++)
    await new Promise<void>((resolve, reject) => socket.write(piece, (error) => (error ? reject(error) : resolve())));
  socket.write(`${end}GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  await closed;
  expect(text()).toMatch(/server takes"\}HTTP\/1.1 200 OK\r\n.*"status":"ok"/s);
});

test.each([
  ["that is too large already", 20, /^HTTP\/1.1 413 /],
  ["that is not", 1, /^HTTP\/1.1 408 .*\{"error":"the request took too long to arrive"\}$/s],
])("a body without end, %s, is cut off when the time for a request is over", async (_name, begun, expected) => {
  const { socket, closed, text } = begin(
    await startServer({ limits: { requestSeconds: 1 } }),
    "Transfer-Encoding: chunked",
  );
  for (let i = 0; i < begun; i++) socket.write(CHUNK);
  const sending = setInterval(() => socket.write("1\r\nx\r\n"), 20);
  await closed;
  clearInterval(sending);
  expect(text()).toMatch(expected);
});
