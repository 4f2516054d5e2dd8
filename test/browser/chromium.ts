// Runs a module of ours in headless Chromium. Nothing is served: the browser's requests are answered from the bundle, and all others fail.
import { existsSync } from "node:fs";
import { chromium, type Page } from "playwright-core";
import { rolldown } from "rolldown";
import { describe } from "vitest";

export const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const hasChromium = existsSync(executablePath);
if (!hasChromium) console.warn(`not tested in a browser: there is no ${executablePath} (Debian's package chromium)`);

/** Tests that need Chromium, which is a package of the system; the line above says where it is missing. */
export const describeChromium = describe.skipIf(!hasChromium);

/** A page that runs a module, and what the page wrote to its console as an error. */
export type BrowserPage = { page: Page; errors: string[]; close: () => Promise<void> };

/** Bundles a module for the browser and opens a page that runs it; WebGPU computes on the processor (SwiftShader). */
export async function openPage(module: string): Promise<BrowserPage> {
  const bundle = await rolldown({ input: module, platform: "browser", logLevel: "silent" });
  const { output } = await bundle.generate({ format: "esm", entryFileNames: "main.js" });
  const files = new Map(output.map((file) => [file.fileName, file.type === "chunk" ? file.code : file.source]));
  const browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"],
  });
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on("pageerror", ({ message }) => errors.push(message));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  // A secure origin, which WebGPU asks for.
  const origin = "https://gmnm.test/";
  await page.route("**/*", (route) => {
    const url = route.request().url();
    if (url === origin) {
      const body = '<!doctype html><link rel="icon" href="data:,"><script type="module" src="main.js"></script>';
      return route.fulfill({ body, contentType: "text/html" });
    }
    const file = url.startsWith(origin) ? files.get(url.slice(origin.length)) : undefined;
    return file === undefined
      ? route.abort()
      : route.fulfill({ body: Buffer.from(file), contentType: "text/javascript" });
  });
  await page.goto(origin);
  return {
    page,
    errors,
    async close() {
      await browser.close();
      await bundle.close();
    },
  };
}
