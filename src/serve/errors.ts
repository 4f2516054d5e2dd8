// What goes wrong, as clients and users are told of it.
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import type { FastifyError, FastifyReply } from "fastify";
import { GmnmError, reasonOf } from "../errors.ts";

/** A mistake of the client's is told in its sentence; one of ours is not told, but printed. */
export function answerError(error: FastifyError | Error, reply: FastifyReply): FastifyReply {
  const given = error instanceof GmnmError ? 400 : (error as FastifyError).statusCode;
  const status = given && given >= 400 && given < 500 ? given : 500;
  if (status === 500) console.error(error);
  const answer = { error: status === 500 ? "the server failed" : sentenceOf(error) };
  return status === 413 ? answerSending(reply.code(status), answer) : reply.code(status).send(answer);
}

/**
 * Answers a client that is still sending: at once, but the answer ends when the rest of the request has been read and forgotten. A connection
 * closed before would be reset, and the answer lost on its way. What never ends is cut off after the time for a request.
 */
function answerSending(reply: FastifyReply, answer: object): FastifyReply {
  const { raw } = reply.request;
  const text = JSON.stringify(answer);
  async function* parts() {
    yield text;
    await finished(raw.resume(), { writable: false }).catch(() => {});
  }
  reply.removeHeader("connection");
  reply.header("content-type", "application/json; charset=utf-8").header("content-length", Buffer.byteLength(text));
  return reply.send(Readable.from(parts()));
}

/** What is refused before it is a request, as Node does it but in our words. */
export function answerConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  const [status, sentence] = REFUSALS[error.code ?? ""] ?? ["400 Bad Request", "this is not an HTTP request"];
  const body = JSON.stringify({ error: sentence });
  const head = `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  if (error.code !== "ECONNRESET" && socket.writable) socket.write(head + body);
  socket.destroy(error);
}

const REFUSALS: Record<string, [status: string, sentence: string]> = {
  ERR_HTTP_REQUEST_TIMEOUT: ["408 Request Timeout", "the request took too long to arrive"],
  HPE_HEADER_OVERFLOW: [
    "431 Request Header Fields Too Large",
    "the address or the headers of the request are too long",
  ],
};

const SENTENCES: Record<string, string> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "a request must be JSON, with the header content-type: application/json",
  FST_ERR_CTP_BODY_TOO_LARGE: "the request is larger than this server takes",
  FST_ERR_CTP_EMPTY_JSON_BODY: "the request has no body",
  FST_ERR_CTP_INVALID_JSON_BODY: "the request is not JSON",
};

function sentenceOf(error: Error): string {
  const code = (error as FastifyError).code ?? "";
  return SENTENCES[code] ?? reasonOf(error).replace(/^body\/? ?/, "");
}

/** Why a server does not start. */
export function explainListening(error: unknown, host: string, port: number): unknown {
  const reasons: Record<string, string> = {
    EADDRINUSE: "something else listens there already",
    EACCES: "permission denied",
    EADDRNOTAVAIL: "this machine has no such address",
    ENOTFOUND: "there is no such host",
    ERR_SOCKET_BAD_PORT: "a port is a number from 0 to 65535",
  };
  const reason = reasons[(error as NodeJS.ErrnoException).code ?? ""];
  return reason ? new GmnmError(`cannot serve on ${host}, port ${port}: ${reason}`, { cause: error }) : error;
}
