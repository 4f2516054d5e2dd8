// Servers for tests, and requests to them byte by byte where `fetch` would tidy up.
import { connect } from "node:net";
import { type ServeOptions, type Server, serve } from "../../src/serve/index.ts";
import { model, preprocessing } from "./model.ts";

/** A server on a free port, for {@link closeServers}. */
export async function startServer(options: Partial<ServeOptions> = {}): Promise<Server> {
  const server = await serve({ model, preprocessing, port: 0, ...options });
  open.push(server);
  return server;
}
const open: Server[] = [];
export const closeServers = () => Promise.all(open.splice(0).map((server) => server.close()));

export type Answer = { status: number; body: Record<string, unknown>; headers: Headers };

/** Posts a body: text as it is, anything else as JSON. */
export async function post(server: Server, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(`${server.url}/predict`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: JSON.parse(text), headers: response.headers };
}

/** Sends bytes and returns all that comes back until the connection ends. */
export function sendBytes(server: Server, text: string): Promise<string> {
  const { port, hostname } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.end(text));
    let answer = "";
    socket.setEncoding("utf8").on("data", (data) => {
      answer += data;
    });
    socket.on("close", () => resolve(answer)).on("error", reject);
  });
}
