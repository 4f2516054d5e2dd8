// GET by node:http and node:https. Not fetch: in Node 24 its client fails an assertion that nothing can catch when a server closes the connection
// while whoever reads is behind (nodejs/undici#5360), and the process ends.
import { get, type IncomingMessage } from "node:http";
import { get as getSecurely } from "node:https";

/** Addresses that lead on to others, at most. */
const MOST_HOPS = 10;
/** Milliseconds without a byte after which a connection counts as broken. */
const SILENCE = 60_000;
const LEADS_ON = new Set([301, 302, 303, 307, 308]);

/**
 * What an http or https address answers, wherever it leads to; the body is still to be read, and its bytes are as they were sent.
 *
 * @throws an error with a `code`, such as ECONNREFUSED or ERR_INVALID_URL.
 */
export async function httpGet(address: string, headers: Record<string, string>): Promise<IncomingMessage> {
  let url = new URL(address);
  for (let hop = 0; hop <= MOST_HOPS; hop++) {
    const response = await answerOf(url, headers);
    const { location } = response.headers;
    if (!LEADS_ON.has(response.statusCode ?? 0) || location === undefined) return response;
    response.destroy();
    const next = new URL(location, url);
    if (url.protocol === "https:" && next.protocol !== "https:") throw new Error(`it leads on to ${next.protocol}//`);
    url = next;
  }
  throw new Error("it leads on and on");
}

function answerOf(url: URL, headers: Record<string, string>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    if (!["http:", "https:"].includes(url.protocol)) throw new Error(`${url.protocol}// is no way to download`);
    const request = (url.protocol === "https:" ? getSecurely : get)(url, { headers, agent: false, timeout: SILENCE });
    request.on("response", resolve);
    request.on("error", reject);
    request.on("timeout", () => {
      request.destroy(Object.assign(new Error("nothing came for a minute"), { code: "ETIMEDOUT" }));
    });
  });
}
