import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { compactPath } from "./path.ts";

/** Ink, and the greys of lines that should be seen last. */
export const INK = "#1f2328";
export const FAINT = "#d8dce1";
export const MUTED = "#59636e";

const FONT = "Inter, 'Helvetica Neue', Helvetica, Arial, 'DejaVu Sans', sans-serif";
const FONT_SIZE = 11;

/** A DOM without a browser. Plot only needs something to create elements. */
const { document } = parseHTML("<!doctype html><html><body></body></html>");

/** An element of an SVG, for marks that Plot does not have. */
export function element(
  name: string,
  attributes: Record<string, string | number>,
  children: readonly Element[] = [],
): SVGElement {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  node.append(...children);
  // linkedom types every element as Element.
  return node as unknown as SVGElement;
}

/** A plot as the text of a standalone SVG, the same text whenever the same is plotted. */
export function draw(options: Plot.PlotOptions & { width: number; height: number }): string {
  // linkedom implements the part of Document that Plot calls.
  const plot = Plot.plot({ ...options, document: document as unknown as Document, className: "plot" });
  return wrap(plot.innerHTML, options.width, options.height, options.ariaLabel ?? undefined);
}

/** A figure's title, flush with its left edge. */
export const titleMark = (title: string, place: { dx: number; dy: number }): Plot.Text =>
  Plot.text([title], { frameAnchor: "top-left", fontSize: 14, fontWeight: 600, fill: INK, ...place });

/** Figures beside each other, their upper edges level. */
export function row(svgs: readonly string[], gap = 0): string {
  let x = 0;
  let height = 0;
  const bodies = svgs.map((svg) => {
    const { body, ...size } = unwrap(svg);
    const placed = `<g transform="translate(${x},0)">${body}</g>`;
    x += size.width + gap;
    height = Math.max(height, size.height);
    return placed;
  });
  return wrap(
    bodies.join(""),
    x - gap,
    height,
    svgs
      .map((svg) => unwrap(svg).label)
      .filter(Boolean)
      .join("; "),
  );
}

function wrap(body: string, width: number, height: number, label?: string): string {
  const tidy = body
    .replace(/<style>.*?<\/style>/s, "") // rules for the page around a plot, which would meet those of other plots there
    .replace(/ d="([^"]*)"/g, (_, path) => ` d="${compactPath(path)}"`)
    .replace(/ (transform|[xy][12]?|c[xy]|width|height)="[^"]*"/g, (attribute) =>
      attribute.replace(/-?\d+\.\d{3,}/g, round),
    )
    .replace(/ aria-hidden="true"| aria-label="[^"]*tick[^"]*"/g, "");
  const box = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  const style = `font-family="${FONT}" font-size="${FONT_SIZE}" text-anchor="middle" fill="currentColor" color="${INK}"`;
  const name = label ? ` role="img" aria-label="${escapeXml(label)}"` : "";
  return `<svg xmlns="http://www.w3.org/2000/svg" ${box} ${style}${name}>${uniqueIds(tidy)}</svg>`;
}

function unwrap(svg: string): { body: string; width: number; height: number; label?: string } {
  const [root, width, height] = /^<svg [^>]*?width="([\d.]+)" height="([\d.]+)"[^>]*>/.exec(svg)!;
  const label = / aria-label="([^"]*)"/.exec(root)?.[1];
  return { body: svg.slice(root.length, -"</svg>".length), width: Number(width), height: Number(height), label };
}

/**
 * Ids made from a hash of the contents. Plot numbers its clip paths per process: two figures from two processes on one page would clip
 * each other.
 */
function uniqueIds(body: string): string {
  const ids = [...body.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
  const renamed = (prefix: string) =>
    ids.reduce(
      (text, id, i) => text.replace(` id="${id}"`, ` id="${prefix}${i}"`).replaceAll(`(#${id})`, `(#${prefix}${i})`),
      body,
    );
  return ids.length === 0 ? body : renamed(`${fnv1a(renamed(""))}-`);
}

/** Fowler, Noll and Vo's hash, 32 bits. */
function fnv1a(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return `f${(hash >>> 0).toString(36)}`;
}

const round = (value: string): string => String(Math.round(100 * Number(value)) / 100);

const escapeXml = (text: string): string => text.replace(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`);
