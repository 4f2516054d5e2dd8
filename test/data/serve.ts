import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** An HTTP server on this machine that keeps account of what it was asked for. */
export async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const asked: { path: string; range?: string }[] = [];
  const server = createServer((request, response) => {
    asked.push({ path: request.url!, range: request.headers.range });
    answer(request, response);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, asked, [Symbol.asyncDispose]: close };
}

/** Answers like a good server, ranges included. */
export function sendRange(contents: Uint8Array, request: IncomingMessage, response: ServerResponse): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  if (from >= contents.length) {
    response.writeHead(416).end();
    return;
  }
  const rest = contents.subarray(from);
  const range = from > 0 ? { "content-range": `bytes ${from}-${contents.length - 1}/${contents.length}` } : {};
  response.writeHead(from > 0 ? 206 : 200, { "content-length": rest.length, ...range }).end(rest);
}
