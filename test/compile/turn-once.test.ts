import { expect, test } from "vitest";
import { Graph } from "../../src/compile/graph.ts";
import { optimize } from "../../src/compile/passes/index.ts";

/** So many products of one matrix, turned, with others. */
function productsOf(count: number, alone: boolean) {
  const graph = new Graph();
  const matrix = graph.input([8, 3], "float32");
  const products = Array.from({ length: count }, () => {
    const other = graph.input([8, 4], "float32");
    return graph.node("Gemm", [matrix, other], [3, 4], "float32", { transA: 1, transB: 0 });
  });
  return optimize(graph, products, { alone });
}

test("one thread turns a matrix once for all products that want it turned", () => {
  const products = productsOf(3, true);
  const [turned] = new Set(products.map(({ inputs }) => inputs[0]));
  expect(turned).toMatchObject({ op: "Transpose", shape: [3, 8] });
  for (const { inputs, attributes } of products) {
    expect(inputs[0]).toBe(turned);
    expect(attributes.transA).toBe(0);
  }
});

test.each<[string, number, boolean]>([
  ["not for two", 2, true],
  ["nor with several threads", 3, false],
])("%s", (_, count, alone) => {
  for (const { inputs, attributes } of productsOf(count, alone)) {
    expect(inputs[0].op).toBe("Input");
    expect(attributes.transA).toBe(1);
  }
});
