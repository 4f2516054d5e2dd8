import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { htmlReport, lossCurves } from "../../src/plot/index.ts";

const hostile = `<script>alert("1")</script><img src=x onerror='1'>&amp;`;
const svg = lossCurves([{ label: hostile, x: [1, 2], y: [2, 1] }], { title: hostile });
const page = () =>
  htmlReport({
    title: hostile,
    intro: `${hostile}\n\nSecond.`,
    sections: [
      { heading: "Results", table: { caption: hostile, columns: ["model", hostile, "note"], rows: [["a", 1, "x"], [hostile, { value: 1e-9, best: true }, hostile]] } }, // biome-ignore format: one line
      {
        heading: hostile,
        text: hostile,
        figures: [
          { svg, caption: hostile },
          { svg, caption: "b" },
        ],
      },
      { heading: "Third" },
      { heading: "Fourth" },
    ],
    config: { hostile },
    versions: { [hostile]: hostile },
  });

test("all text is escaped and read back as it was", () => {
  const { document } = parseHTML(page());
  expect(document.querySelectorAll("script, img")).toHaveLength(0);
  expect(page()).not.toContain("<script");
  expect(document.querySelector("h1")!.textContent).toBe(hostile);
  expect(document.querySelector("pre")!.textContent).toBe(JSON.stringify({ hostile }, null, 2));
});

test("needs nothing from outside", () => {
  const { document } = parseHTML(page());
  expect(
    document.querySelectorAll("[src], [srcset], link, script, iframe, object, embed, base, use, image"),
  ).toHaveLength(0);
  for (const link of document.querySelectorAll("[href]")) expect(link.getAttribute("href")).toMatch(/^#section-\d$/);
  expect(page()).not.toMatch(/url\((?!#)|@import/);
  expect(page()).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
});

test("sections, table, figures, contents, versions", () => {
  const { document } = parseHTML(page());
  const count = (selector: string) => document.querySelectorAll(selector).length;
  expect(count("section")).toBe(4);
  expect(count("nav a")).toBe(4);
  expect(count("header p")).toBe(2);
  expect(count("figure .card svg")).toBe(2);
  expect(count("footer code")).toBe(1);
  expect(document.querySelector("td b")!.textContent).toBe("1.00×10⁻⁹");
  expect([...document.querySelectorAll("thead th")].map((th) => th.getAttribute("class"))).toEqual([
    "text",
    "number",
    "text",
  ]);
  expect(page()).toBe(page());
});

test("the least report", () => {
  const least = htmlReport({ title: "Empty", sections: [] });
  const { document } = parseHTML(least);
  expect(document.querySelector("h1")!.textContent).toBe("Empty");
  expect(least).not.toMatch(/undefined|<nav|<details|Made with/);
});
