import address from "../worker/worker.ts?worker&url";

/**
 * The worker, under the page's own policy. A worker made from a file has the policy that the file's server sends with it, and plain static servers
 * send none; one made from text inherits ours.
 */
export function startWorker(): Worker {
  const file = new URL(address, import.meta.url).href;
  const text = new Blob([`import ${JSON.stringify(file)};`], { type: "text/javascript" });
  return new Worker(URL.createObjectURL(text), { type: "module" });
}
