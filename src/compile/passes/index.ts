import type { Graph, Value } from "../graph.ts";
import { addInProduct } from "./add-in-product.ts";
import { cutWeights } from "./cut-weights.ts";
import { joinConcats } from "./join-concats.ts";
import { joinProducts } from "./join-products.ts";
import { lateReshapes } from "./late-reshapes.ts";
import { masked } from "./masks.ts";
import { rewrite } from "./rewrite.ts";
import { softmax } from "./softmax.ts";
import { splitSums } from "./split-sums.ts";
import { turnOnce } from "./turn-once.ts";
import { turnProducts } from "./turn-products.ts";
import { gatherWindows } from "./windows.ts";

/** Improves a finished graph, which one thread alone runs or several together. */
export function optimize(graph: Graph, outputs: readonly Value[], { alone = false } = {}): Value[] {
  const improved = rewrite(
    graph,
    outputs,
    softmax,
    masked(outputs),
    gatherWindows,
    cutWeights,
    joinConcats,
    joinProducts,
    splitSums(alone),
    ...(alone ? [turnOnce] : []),
    addInProduct,
    turnProducts,
  );
  return lateReshapes(graph, improved);
}
