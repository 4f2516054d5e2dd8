import { defaultDevice, init } from "@jax-js/jax";

await init("cpu", "wasm");
defaultDevice("wasm");
