// The playground as a static site. Paths are relative, so it works from any folder of any server.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig, type Plugin } from "vite";

// Nothing but its own files: no other server, no code made of text. WebAssembly is compiled; Svelte and uPlot set styles of elements.
const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** The policy goes into the page; the server that vite develops with needs its own socket, and styles that it puts in place. */
const contentSecurityPolicy: Plugin = {
  name: "content-security-policy",
  transformIndexHtml: {
    order: "pre",
    handler: (html, { server }) =>
      html.replace("%CSP%", server ? `${policy.replace("connect-src 'self'", "connect-src 'self' ws:")}` : policy),
  },
};

/** Isolation gives exact clocks; the page works without. */
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "X-Content-Type-Options": "nosniff",
};

export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  plugins: [svelte(), contentSecurityPolicy],
  worker: { format: "es" },
  build: {
    target: "esnext",
    outDir: "dist",
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  server: { host: "127.0.0.1", headers, fs: { allow: [".."] } },
  preview: {
    host: "127.0.0.1",
    headers: { ...headers, "Content-Security-Policy": `${policy}; frame-ancestors 'none'` },
  },
});
