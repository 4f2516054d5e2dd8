// A server that is told to stop answers what it was asked, takes nothing new, and ends with 0.
import { connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import { startProcess } from "./process.ts";

const body = JSON.stringify({ rows: [{ area: 120, city: "Bonn", day: "2024-02-29" }] });
const head = `POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;

/** A request of which the server has the beginning. */
async function half(url: string): Promise<{ socket: Socket; answer: Promise<string> }> {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  const answer = new Promise<string>((resolve) => {
    let text = "";
    socket.setEncoding("utf8").on("data", (data) => {
      text += data;
    });
    socket.on("close", () => resolve(text)).on("error", () => {});
  });
  await new Promise<void>((resolve) => socket.write(head + body.slice(0, 10), () => resolve()));
  return { socket, answer };
}

/** Waits until the server refuses connections. */
async function untilClosed(url: string): Promise<void> {
  for (;;) {
    const refused = await fetch(`${url}/health`, { headers: { connection: "close" } }).then(
      ({ status }) => status === 503,
      () => true,
    );
    if (refused) return;
  }
}

test.each(["SIGTERM", "SIGINT"] as const)(
  "%s with requests under way: they are answered, others refused, then it ends with 0",
  async (signal) => {
    const server = await startProcess();
    const asked = await Promise.all(Array.from({ length: 12 }, () => half(server.url)));
    // The server has seen the halves once it answers a request that came after them.
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
    server.kill(signal);
    await untilClosed(server.url);
    for (const { socket } of asked) socket.write(body.slice(10));
    for (const { answer } of asked) {
      const text = await answer;
      expect(text).toMatch(/^HTTP\/1.1 200 OK\r\n/);
      expect(text).toMatch(/\{"predictions":\[\{"y":[-\d.e]+,"z":[-\d.e]+\}\]\}$/);
    }
    expect(await server.ended).toEqual({ code: 0, signal: null, last: `stopped by ${signal}`, errors: "" });
  },
  30_000,
);

test("what never ends is cut off after a while", async () => {
  const server = await startProcess();
  const { answer } = await half(server.url);
  expect((await fetch(`${server.url}/health`)).status).toBe(200);
  server.kill("SIGTERM");
  expect(await answer).not.toMatch(/ 200 /);
  expect(await server.ended).toMatchObject({ code: 0, last: "stopped by SIGTERM" });
}, 30_000);

test("a second signal ends it at once", async () => {
  const server = await startProcess();
  await half(server.url);
  expect((await fetch(`${server.url}/health`)).status).toBe(200);
  server.kill("SIGTERM");
  await untilClosed(server.url);
  server.kill("SIGTERM");
  expect(await server.ended).toMatchObject({ code: null, signal: "SIGTERM" });
}, 30_000);
