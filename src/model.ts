import type { AnyLayer } from "./nn/layer.ts";
import type { ParamTensors } from "./params.ts";

/** A layer and the numbers it has learnt, in ordinary memory: what `fit` returns, `predict` uses, and `save` and `load` move. */
export type Model = { readonly layer: AnyLayer; readonly params: ParamTensors };
