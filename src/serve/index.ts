export { type ServeLimits, type ServeOptions, type Server, serve } from "./serve.ts";
export { stopOnSignals } from "./stop.ts";
