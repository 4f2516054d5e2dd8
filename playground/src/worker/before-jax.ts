// What must be in place before jax-js runs, for steps as small as the playground's.

// Where pages are isolated jax-js spreads every operation over threads, which makes such steps slower, not faster. It takes a worker that cannot
// start others for one without threads.
Object.defineProperty(globalThis, "Worker", { value: undefined });

// On one thread jax-js makes an instance of its module for every call of a kernel, which is a quarter of a step and keeps the garbage collector
// busy. Kernels have no state but the memory they are given, and jax-js's own threads keep theirs: so one instance per module is kept.
const instances = new WeakMap<
  WebAssembly.Module,
  { memory: WebAssembly.ImportValue; instance: WebAssembly.Instance }
>();
WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  construct(Instance, [module, imports]: [WebAssembly.Module, WebAssembly.Imports?]) {
    const memory = imports?.env?.memory;
    const known = instances.get(module);
    if (memory && known?.memory === memory) return known.instance;
    const instance = new Instance(module, imports);
    if (memory) instances.set(module, { memory, instance });
    return instance;
  },
});

export {};
