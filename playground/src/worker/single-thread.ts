// Where pages are isolated jax-js spreads every operation over threads, which makes steps as small as the playground's slower, not faster. It
// takes a worker that cannot start others for one without threads. This must run before jax-js does.
Object.defineProperty(globalThis, "Worker", { value: undefined });

export {};
