// Against DNS rebinding: a page whose name was made to point at this machine would reach a server on loopback as its own origin. What such a
// request cannot hide is the name the browser thinks it talks to.
import { isIP } from "node:net";

/** Whether an address, or a name, is this machine's own and reached from nowhere else. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  if (isIP(name) === 4) return name.startsWith("127.");
  return name === "localhost" || name === "::1" || name.endsWith(".localhost");
}

/** The name in a Host header, without its port; undefined where it is none. */
export const hostName = (header: string | undefined): string | undefined =>
  /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i.exec(header ?? "")?.[1];

/**
 * Whether a request with this Host header may be answered by a server bound to `bound`: on loopback only under loopback names, elsewhere under any,
 * or under those that are allowed.
 */
export function isHostAllowed(
  header: string | undefined,
  bound: string,
  allowed: readonly string[] | undefined,
): boolean {
  const name = hostName(header);
  if (name === undefined) return false;
  if (allowed?.some((one) => one.toLowerCase() === name.toLowerCase())) return true;
  if (isLoopback(bound)) return isLoopback(name);
  return allowed === undefined;
}
