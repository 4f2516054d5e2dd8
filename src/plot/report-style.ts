/** The look of a report: a page of a paper, in the reader's light or dark, on a screen of any size or on paper. */
export const REPORT_STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fdfdfc; --ink: #1f2328; --muted: #59636e; --rule: #d8dce1; --strong-rule: #1f2328; --best: #0b6b47; --code: #f4f5f3;
  --serif: Charter, "Bitstream Charter", "Iowan Old Style", "Palatino Linotype", "Source Serif 4", "DejaVu Serif", Georgia, serif;
  --sans: system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, "DejaVu Sans", sans-serif;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #16181c; --ink: #e4e6e9; --muted: #9aa3ad; --rule: #343941; --strong-rule: #b6bcc4; --best: #6fd3a4; --code: #1f2227;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.0625rem/1.6 var(--serif); text-rendering: optimizeLegibility; }
main { max-width: 66rem; margin: 0 auto; padding: clamp(1.75rem, 6vw, 5rem) clamp(1.1rem, 4vw, 2.5rem) 3rem; counter-reset: section table figure; }
p, header, nav { max-width: 40rem; }
p { margin: 0 0 1em; hyphens: auto; overflow-wrap: break-word; }
h1 { margin: 0 0 0.6em; font-size: clamp(1.7rem, 1.2rem + 2.4vw, 2.5rem); font-weight: 600; line-height: 1.15; letter-spacing: -0.012em; text-wrap: balance; }
header p { color: var(--muted); font-size: 1.15rem; }
nav { margin: 2rem 0 0; padding: 1rem 0; border-block: 1px solid var(--rule); font: 0.875rem/1.7 var(--sans); }
nav ol { margin: 0; padding: 0; list-style: none; columns: 17rem; column-gap: 2rem; counter-reset: entry; }
nav li { break-inside: avoid; }
nav li::before { counter-increment: entry; content: counter(entry); display: inline-block; width: 1.6em; color: var(--muted); font-variant-numeric: tabular-nums; }
a { color: inherit; text-decoration-color: var(--rule); text-underline-offset: 0.2em; }
a:hover { text-decoration-color: currentColor; }
section { margin-top: 3rem; }
h2 { margin: 0 0 0.75em; font-size: 1.3rem; font-weight: 600; line-height: 1.3; text-wrap: balance; }
section > h2::before { counter-increment: section; content: counter(section); margin-right: 0.75em; color: var(--muted); font-weight: 400; }
.table { margin: 1.5rem 0; }
.table p, figcaption { max-width: 40rem; color: var(--muted); font: 0.8125rem/1.5 var(--sans); }
.table p { margin: 0 0 0.6rem; }
.table p::before { counter-increment: table; content: "Table " counter(table) ". "; color: var(--ink); font-weight: 600; }
.scroll { overflow-x: auto; }
.scroll:focus-visible { outline: 2px solid var(--muted); outline-offset: 4px; }
table { border-collapse: collapse; border-block: 1.5px solid var(--strong-rule); font: 0.875rem/1.4 var(--sans); font-variant-numeric: tabular-nums lining-nums; }
th, td { padding: 0.45rem 1.6rem 0.45rem 0; text-align: left; vertical-align: baseline; white-space: nowrap; }
th:last-child, td:last-child { padding-right: 0; }
thead th { border-bottom: 1px solid var(--strong-rule); font-weight: 600; vertical-align: bottom; }
tbody tr + tr > * { border-top: 1px solid var(--rule); }
tbody th { font-weight: 400; }
tr > th:first-child { position: sticky; left: 0; background: var(--paper); }
.number { text-align: right; }
td b { color: var(--best); font-weight: 700; }
.figures { display: flex; flex-wrap: wrap; gap: 1.75rem 1.5rem; margin: 1.5rem 0; align-items: start; }
figure { margin: 0; min-width: 0; }
.card { padding: clamp(0.6rem, 2vw, 1.1rem); border: 1px solid var(--rule); border-radius: 6px; background: #fff; color: #1f2328; overflow-x: auto; }
.card svg { display: block; width: 100%; height: auto; }
figcaption { margin-top: 0.7rem; }
figcaption::before { counter-increment: figure; content: "Figure " counter(figure) ". "; color: var(--ink); font-weight: 600; }
footer { margin-top: 4rem; padding-top: 1.25rem; border-top: 1px solid var(--rule); color: var(--muted); font: 0.8125rem/1.6 var(--sans); }
footer p { font: inherit; }
footer code { font-family: var(--mono); font-size: 0.95em; white-space: nowrap; }
summary { width: fit-content; cursor: pointer; color: var(--ink); font-weight: 600; }
pre { margin: 0.75rem 0 1.25rem; padding: 1rem 1.1rem; overflow-x: auto; border-radius: 6px; background: var(--code); color: var(--ink); font: 0.78rem/1.55 var(--mono); }
@media print {
  body { font-size: 10pt; }
  main { padding: 0; max-width: none; }
  figure, .table, h2 { break-inside: avoid; }
  h2 { break-after: avoid; }
}
`;
