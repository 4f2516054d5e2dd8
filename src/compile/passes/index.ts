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
import { turnProducts } from "./turn-products.ts";
import { gatherWindows } from "./windows.ts";

/** Improves a finished graph. */
export function optimize(graph: Graph, outputs: readonly Value[]): Value[] {
  const improved = rewrite(
    graph,
    outputs,
    softmax,
    masked(outputs),
    gatherWindows,
    cutWeights,
    joinConcats,
    joinProducts,
    splitSums,
    addInProduct,
    turnProducts,
  );
  return lateReshapes(graph, improved);
}
