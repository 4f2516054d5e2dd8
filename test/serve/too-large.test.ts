// A client that sends too much hears so, though it is still sending: a connection closed on it would be reset, and the answer lost.
import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { startServer } from "./requests.ts";

const PIECE = "x".repeat(2 ** 16);
const PIECES = 48;
const HEAD = "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
const chunk = `${PIECE.length.toString(16)}\r\n${PIECE}\r\n`;

/** Begins a request, waits for the answer, sends the rest of the body, then asks for something small. */
async function sendSlowly(url: string, header: string, piece: string, end: string, begun: number): Promise<string[]> {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  const answers: string[] = [];
  const closed = once(socket, "close");
  socket.setEncoding("utf8").on("data", (text) => answers.push(String(text)));
  socket.write(`${HEAD}${header}\r\n\r\n`);
  for (let i = 0; i < begun; i++) socket.write(piece);
  await expect.poll(() => answers.length).toBe(1);
  for (let i = begun; i < PIECES; i++) {
    await new Promise<void>((resolve, reject) => socket.write(piece, (error) => (error ? reject(error) : resolve())));
  }
  socket.write(`${end}GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  await closed;
  return answers;
}

test.each([
  ["of a length it has told", `Content-Length: ${PIECES * PIECE.length}`, PIECE, "", 1],
  ["in pieces", "Transfer-Encoding: chunked", chunk, "0\r\n\r\n", 20],
])("a body %s: the answer comes, the rest is read and forgotten", async (_name, header, piece, end, begun) => {
  const server = await startServer();
  const [refused, next] = await sendSlowly(server.url, header, piece, end, begun);
  expect(refused).toMatch(/^HTTP\/1.1 413 /);
  expect(refused).toMatch(/\{"error":"the request is larger than this server takes"\}$/);
  expect(next).toMatch(/^HTTP\/1.1 200 OK\r\n.*"status":"ok"/s);
});

test.each([
  ["that is refused while it comes", 2, /^HTTP\/1.1 413 /],
  ["that comes too slowly to be refused", 200, /^HTTP\/1.1 408 /],
])("a body without end, %s, is cut off when the time for a request is over", async (_name, milliseconds, expected) => {
  const server = await startServer({ limits: { requestSeconds: 1 } });
  const { port, hostname } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  let answer = "";
  socket.setEncoding("utf8").on("data", (text) => {
    answer += text;
  });
  const closed = new Promise((resolve) => socket.on("error", () => {}).on("close", resolve));
  socket.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`);
  const sending = setInterval(() => socket.write(chunk), milliseconds);
  await closed;
  clearInterval(sending);
  expect(answer).toMatch(expected);
});
