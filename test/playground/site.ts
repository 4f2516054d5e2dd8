// The playground as users get it: built once, served from this machine, opened in one browser.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { build } from "vite";
import { executablePath } from "../browser/chromium.ts";
import { type Served, serve } from "./serve.ts";

const playground = join(import.meta.dirname, "../../playground");

/** A page of the playground, and what went wrong in it. */
export type Opened = { page: Page; errors: string[]; close(): Promise<void> };

export class Site {
  readonly folder: string;
  readonly #browser: Browser;
  readonly #served: Served[];
  /** By their options. The page keeps nothing in its browser, and another page of a context opens in half the time of one in a new context. */
  readonly #contexts = new Map<string, Promise<BrowserContext>>();

  private constructor(folder: string, browser: Browser, served: Served[]) {
    this.folder = folder;
    this.#browser = browser;
    this.#served = served;
  }

  static async open(): Promise<Site> {
    const folder = await mkdtemp(join(tmpdir(), "gmnm-playground-"));
    const [browser] = await Promise.all([
      chromium.launch({
        executablePath,
        args: [
          "--no-sandbox",
          "--enable-unsafe-webgpu",
          "--use-webgpu-adapter=swiftshader",
          // Drawn by the processor itself, not by a graphics processor that it imitates.
          "--disable-gpu-compositing",
          "--disable-gpu-rasterization",
          "--disable-accelerated-2d-canvas",
        ],
      }),
      build({ root: playground, logLevel: "silent", build: { outDir: folder } }),
    ]);
    return new Site(folder, browser, [await serve(folder)]);
  }

  /** Everything that was asked of the server. */
  get requests(): string[] {
    return this.#served[0].requests;
  }

  /** The folder served another way. */
  async servedAs(options: Parameters<typeof serve>[1]): Promise<string> {
    const served = await serve(this.folder, options);
    this.#served.push(served);
    return served.address;
  }

  async page(
    state = "",
    { address = this.#served[0].address, ...options }: BrowserContextOptions & { address?: string } = {},
  ): Promise<Opened> {
    const page = await (await this.#context(options)).newPage();
    page.setDefaultTimeout(60_000);
    const errors: string[] = [];
    page.on("pageerror", ({ message }) => errors.push(message));
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && errors.push(message.text()));
    page.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(address) && !/^(data|blob):/.test(url)) errors.push(`a request for ${url}`);
    });
    await page.goto(state ? `${address}#${state}` : address);
    return { page, errors, close: () => page.close() };
  }

  #context(options: BrowserContextOptions): Promise<BrowserContext> {
    const key = JSON.stringify(options);
    const wide = { viewport: { width: 1440, height: 900 } };
    const context = this.#contexts.get(key) ?? this.#browser.newContext({ ...wide, ...options });
    this.#contexts.set(key, context);
    return context;
  }

  async close(): Promise<void> {
    await this.#browser.close();
    for (const served of this.#served) await served.close();
    await rm(this.folder, { recursive: true });
  }
}

/** Waits until a training has ended by itself, and gives the errors and losses of its models. */
export async function ended(page: Page): Promise<{ step: number; errors: number[]; losses: number[] }> {
  await page.waitForFunction(() => {
    const step = document.querySelector<HTMLElement>("[data-testid=step]");
    return step?.dataset.busy === "false" && step.dataset.playing === "false" && step.textContent !== "0";
  });
  return page.evaluate(() => {
    const numbers = (name: string) =>
      [...document.querySelectorAll<HTMLElement>("[data-testid^=result]")].map((row) => Number(row.dataset[name]));
    const step = Number(document.querySelector("[data-testid=step]")!.textContent!.replace(/\D/g, ""));
    return { step, errors: numbers("error"), losses: numbers("loss") };
  });
}

/** Waits until models are there. */
export const isReady = (page: Page) => page.waitForSelector("[data-testid=step][data-busy=false]");
