import { Html, html } from "./html.ts";
import { formatNumber } from "./numbers.ts";
import { REPORT_STYLE } from "./report-style.ts";

/** What stands in a cell; numbers are formatted. `best` prints it bold. */
export type Cell = string | number | { value: string | number; best?: boolean };

/** A table; the first column names the rows. Columns of numbers are set flush right. */
export type ReportTable = { caption?: string; columns: readonly string[]; rows: readonly (readonly Cell[])[] };

/** A part of a report under its heading. */
export type ReportSection = {
  heading: string;
  /** Paragraphs, with empty lines between them. */
  text?: string;
  table?: ReportTable;
  /** SVGs from this library's own figures, placed as they are, and what stands under them. */
  figures?: readonly { svg: string; caption: string }[];
};

/** Contents of {@link htmlReport}. */
export type Report = {
  title: string;
  /** Paragraphs, with empty lines between them. */
  intro?: string;
  sections: readonly ReportSection[];
  /** The configuration from which the run repeats, folded away at the end. */
  config?: unknown;
  /** Versions of the programs involved, by name. */
  versions?: Readonly<Record<string, string>>;
};

/** From this many sections on a report begins with a list of them. */
const CONTENTS_FROM = 4;

/**
 * A report as one HTML file that needs nothing else: it loads nothing, runs nothing, follows the reader's light or dark scheme, and
 * reads on a phone and on paper. All text is escaped.
 *
 * @example
 * ```ts
 * const page = htmlReport({ title: "Two spirals", sections: [{ heading: "Training", figures: [{ svg, caption: "Loss." }] }] });
 * await writeAtomic("report.html", page);
 * ```
 */
export function htmlReport({ title, intro, sections, config, versions = {} }: Report): string {
  const contents = html`<nav aria-label="Contents"><ol>${sections.map(({ heading }, i) => html`<li><a href="#section-${i + 1}">${heading}</a></li>`)}</ol></nav>
`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${new Html(REPORT_STYLE)}</style>
</head>
<body>
<main>
<header>
<h1>${title}</h1>
${paragraphs(intro)}</header>
${sections.length >= CONTENTS_FROM && contents}${sections.map(showSection)}<footer>
${
  config !== undefined &&
  html`<details>
<summary>Configuration</summary>
<pre>${JSON.stringify(config, null, 2)}</pre>
</details>
`
}${
  Object.keys(versions).length > 0 &&
  html`<p>Made with ${Object.entries(versions).map(([name, version], i) => html`${i > 0 && ", "}<code>${name} ${version}</code>`)}.</p>
`
}</footer>
</main>
</body>
</html>
`;
  return page.text;
}

const showSection = (
  { heading, text, table, figures = [] }: ReportSection,
  index: number,
): Html => html`<section id="section-${index + 1}">
<h2>${heading}</h2>
${paragraphs(text)}${table && showTable(table)}${
  figures.length > 0 &&
  html`<div class="figures">
${figures.map(
  ({ svg, caption }) => html`<figure style="width:min(100%,${Math.round(widthOf(svg)) + CARD}px)">
<div class="card" tabindex="0"><div style="min-width:${leastWidth(svg)}px">${new Html(svg)}</div></div>
<figcaption>${caption}</figcaption>
</figure>
`,
)}</div>
`
}</section>
`;

const widthOf = (svg: string): number => Number(/^<svg [^>]*?width="([\d.]+)"/.exec(svg)?.[1] ?? 0);

/** What a card adds to a figure's width in pixels. */
const CARD = 40;
/** The page's width in pixels: what wider figures shrink to. */
const PAGE = 980;

/** Letters shrink with a figure: where it would be below three quarters of the size it has on a wide page, it scrolls instead. */
const leastWidth = (svg: string): number => Math.round(0.75 * Math.min(PAGE, widthOf(svg)));

const paragraphs = (text = ""): Html[] =>
  text
    .split(/\n\s*\n/)
    .filter((part) => part.trim())
    .map(
      (part) => html`<p>${part.trim()}</p>
`,
    );

function showTable({ caption, columns, rows }: ReportTable): Html {
  const kinds = columns.map((_, j) => (rows.length > 0 && rows.every((row) => isNumeric(row[j])) ? "number" : "text"));
  const showCell = (cell: Cell, j: number) => {
    const { value, best = false } = typeof cell === "object" ? cell : { value: cell };
    const text = typeof value === "number" ? formatNumber(value) : value;
    if (j === 0) return html`<th scope="row" class="${kinds[j]}">${best ? html`<b>${text}</b>` : text}</th>`;
    return html`<td class="${kinds[j]}">${best ? html`<b>${text}</b>` : text}</td>`;
  };
  // A wide table scrolls in its own frame, which must then be reachable by keyboard.
  return html`<div class="table">
${
  caption &&
  html`<p>${caption}</p>
`
}<div class="scroll" tabindex="0" role="region" aria-label="${caption ?? "Table"}"><table>
<thead><tr>${columns.map((column, j) => html`<th scope="col" class="${kinds[j]}">${column}</th>`)}</tr></thead>
<tbody>
${rows.map(
  (row) => html`<tr>${row.map(showCell)}</tr>
`,
)}</tbody>
</table></div>
</div>
`;
}

/** Numbers, also with an error or a unit: 3.4e-3, "−1.2 ± 0.1", "87.5 %", "–" for none. */
function isNumeric(cell: Cell | undefined): boolean {
  const value = typeof cell === "object" ? cell.value : cell;
  if (typeof value !== "string") return typeof value === "number";
  // A range or a list is text, whatever it begins with.
  return /^([-−+<~≈]?\s*[\d.]|[–—-]?$)/.test(value) && !/…|\D, /.test(value);
}
