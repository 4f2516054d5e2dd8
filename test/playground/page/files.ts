// Files in and out: tables of the user's, models, pictures.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { readCsv, readPreprocessing } from "../../../playground/src/csv/read-csv.ts";
import { startOf } from "../../../playground/src/state/state.ts";
import { tableProblem } from "../../../playground/src/tasks/table.ts";
import { decodeModel, encodeModel, gmnm, initialParams, predict, Random, relativeRmse } from "../../../src/index.ts";
import { runOnnx, startWeb } from "../../run-onnx.ts";
import { ended, isReady, type Site } from "../site.ts";

const cli = join(import.meta.dirname, "../../../src/cli/main.ts");
const csv = (name: string, text: string | Uint8Array) => ({ name, mimeType: "text/csv", buffer: Buffer.from(text) });
const lines = (n: number, line: (i: number) => string) => Array.from({ length: n }, (_, i) => line(i)).join("\n");
const message = async (page: Page) => (await page.locator("#message").allTextContents()).join();

export function testFiles(site: () => Site): void {
  describe("files", () => {
    test("a table of the user's is learnt: numbers, then classes", async () => {
      const { page, errors, close } = await site().page("task=table&speed=fast");
      const text = `height,width,area,size\n${lines(200, (i) => {
        const [h, w] = [1 + (i % 14), 1 + ((i * 7) % 11)];
        return `${h},${w},${h * w},${h * w > 40 ? "large" : "small"}`;
      })}`;
      await page.setInputFiles(".left input[type=file]", csv("boxes.csv", text));
      await page.getByText("boxes.csv: 200 rows").waitFor();
      const learn = page.locator("label", { has: page.locator("span", { hasText: /^Learn$/ }) }).locator("select");
      expect(await learn.inputValue()).toBe("size");
      await learn.selectOption("area");
      await page.getByRole("checkbox", { name: "size" }).uncheck();
      await page.waitForSelector(".plane");
      const step = () => page.textContent("[data-testid=step]").then((shown) => Number(shown!.replace(/\D/g, "")));
      await expect.poll(step, { timeout: 40_000 }).toBeGreaterThan(150);
      const error = Number(await page.getAttribute("[data-testid=result-0]", "data-error"));
      expect(error).toBeLessThan(0.1);
      expect(errors).toEqual([]);
      await close();
    });

    const hostile = [
      ["an empty file", csv("empty.csv", ""), "empty.csv is empty"],
      ["bytes", csv("photo.csv", Uint8Array.of(0x89, 0x50, 0, 0, 1)), "photo.csv, line 1"],
      [
        "ragged rows",
        csv("ragged.csv", `a,b\n${lines(20, (i) => (i === 9 ? "1" : "1,2"))}`),
        "ragged.csv, line 11: 1 field, and the header has 2",
      ],
      ["an open quote", csv("quote.csv", `a,b\n${lines(20, () => "1,2")}\n"x`), "quote.csv"],
      ["words only", csv("words.csv", `a,b\n${lines(50, (i) => `w${i},v${i}`)}`), "words.csv has nothing to learn"],
      [
        "markup for names",
        csv("<img src=x onerror=alert(1)>.csv", "<script>alert(1)</script>,b\n1,2\n"),
        "<img src=x onerror=alert(1)>.csv has 1 rows; at least 10 are needed",
      ],
      ["6 MB", csv("large.csv", new Uint8Array(6_000_000).fill(49)), "large.csv has 6.0 MB"],
    ] as const;
    test("files that are no tables give a sentence each, and the page goes on", async () => {
      const { page, errors, close } = await site().page("task=table&models=gmnm_4");
      for (const [name, file, expected] of hostile) {
        await page.setInputFiles(".left input[type=file]", file);
        await expect.poll(() => message(page), { message: name }).toContain(expected);
      }
      await page.setInputFiles(".left input[type=file]", csv("good.csv", `a,b\n${lines(30, (i) => `${i},${2 * i}`)}`));
      await page.getByText("good.csv: 30 rows").waitFor();
      await page.waitForSelector("[data-testid=step][data-playing=true]");
      expect(await page.locator("#message").count()).toBe(0);
      expect(errors).toEqual([]);
      await close();
    });

    test("models go out as safetensors and ONNX with the page's numbers, and come back", async () => {
      const { page, errors, close } = await site().page("models=gmnm_8~mlp_4&until=30");
      await ended(page);
      const save = async (name: string) => {
        const [download] = await Promise.all([
          page.waitForEvent("download"),
          page.getByRole("button", { name }).click(),
        ]);
        return readFile(await download.path());
      };
      const [bytes, onnx, png] = [await save("Safetensors"), await save("ONNX"), await save("PNG")];
      const model = decodeModel(new Uint8Array(bytes));
      expect(model.layer.config).toMatchObject({ type: "gmnm", numComponents: 8 });
      const x = { data: Float32Array.of(0.1, 0.2, -0.5, 0.9), shape: [2, 2] };
      const { data } = await predict(model, x);
      expect(data[0]).not.toBe(data[1]);
      const [{ data: said }] = await runOnnx(await startWeb(), new Uint8Array(onnx), [x]);
      for (const [i, value] of data.entries()) expect(said[i]).toBeCloseTo(value, 5);
      expect(png.subarray(1, 4).toString()).toBe("PNG");
      expect(png.length).toBeGreaterThan(20_000);
      // Back in, in the place of a model at its start.
      const error = await page.getAttribute("[data-testid=result-0]", "data-error");
      await page.keyboard.press("r");
      await expect.poll(() => page.getAttribute("[data-testid=result-0]", "data-error")).not.toBe(error);
      await page.setInputFiles(".right input[type=file]", { name: "mine.safetensors", mimeType: "", buffer: bytes });
      await page.getByRole("heading", { name: "mine.safetensors" }).waitFor();
      await expect.poll(() => page.getAttribute("[data-testid=result-0]", "data-error")).toBe(error);
      expect(errors).toEqual([]);
      await close();
    });

    test("a run of gmnm fit is shown on its table as its model has learnt it, trains on, and starts anew from itself", async () => {
      const folder = await mkdtemp(join(tmpdir(), "gmnm-run-"));
      const text = `day,area,city,rent\n${lines(240, (i) => {
        const [area, city] = [20 + ((i * 37) % 90), ["Bonn", "Rom", "Oslo"][i % 3]];
        const day = new Date(Date.UTC(2023, 0, 1 + ((i * 11) % 240))).toISOString().slice(0, 10);
        return `${day},${i % 17 === 0 ? "" : area},${city},${(area * [9, 12, 20][i % 3] + Math.sin(i)).toFixed(2)}`;
      })}`;
      await writeFile(join(folder, "flats.csv"), text);
      const arguments_ = ["fit", "flats.csv", "--target", "rent", "--time-budget", "10s", "--out", "run"];
      await promisify(execFile)(process.execPath, [cli, ...arguments_], { cwd: folder });
      const files = await Promise.all(
        ["run/model.safetensors", "run/preprocessing.json", "flats.csv"].map(async (name) => ({
          name: basename(name),
          mimeType: "",
          buffer: await readFile(join(folder, name)),
        })),
      );
      await rm(folder, { recursive: true });
      // What the page should say, by the library alone.
      const [model, preprocessing] = [decodeModel(files[0].buffer), readPreprocessing("p", files[1].buffer)];
      const features = preprocessing.inputs.map(({ name }) => name);
      const run = { name: files[0].name, bytes: files[0].buffer, preprocessing };
      const problem = tableProblem(startOf("table"), readCsv("flats.csv", files[2].buffer), {
        target: "rent",
        features,
        run,
      });
      const expected = relativeRmse(await predict(model, problem.test.x), problem.test.y);
      expect(expected).toBeLessThan(0.5);

      const { page, errors, close } = await site().page("models=mlp_4~gmnm_6&until=5");
      await ended(page);
      const error = () => page.getAttribute("[data-testid=result-0]", "data-error").then(Number);
      const pick = (list: typeof files) => page.setInputFiles(".right input[type=file]", list);
      await pick([files[1]]);
      await expect.poll(() => message(page)).toContain("preprocessing.json goes with a model");
      await pick(files.slice(0, 2));
      await expect.poll(() => message(page)).toContain("Now choose a CSV file");
      await page.setInputFiles(".left input[type=file]", files[2]);
      await page.getByRole("heading", { name: "model.safetensors" }).waitFor();
      await page.getByText("may have learnt from the rows").waitFor();
      expect(await error()).toBeCloseTo(expected, 5);
      await page.getByRole("button", { name: "Play" }).click();
      await expect.poll(() => page.textContent("[data-testid=step]").then(Number)).toBeGreaterThan(20);
      expect(await error()).not.toBeCloseTo(expected, 6);
      await page.getByRole("button", { name: "Pause" }).click();
      await page.keyboard.press("r");
      await expect.poll(error).toBeCloseTo(expected, 5);
      // The other columns of a run are another model's business.
      await page.getByRole("checkbox", { name: "city" }).uncheck();
      await expect.poll(() => page.getByRole("heading", { name: "model.safetensors" }).count()).toBe(0);
      await pick(files);
      await page.getByRole("heading", { name: "model.safetensors" }).waitFor();
      await page.getByRole("button", { name: "Close model.safetensors" }).click();
      await page.getByRole("heading", { name: "GMNM", exact: true }).waitFor();
      await page.setInputFiles(
        ".left input[type=file]",
        csv("other.csv", `a,b\n${lines(30, (i) => `${i * i},${2 * i}`)}`),
      );
      await page.getByText("other.csv: 30 rows").waitFor();
      await pick(files.slice(0, 2));
      await expect.poll(() => message(page)).toContain('other.csv has no column "rent"');
      expect(errors).toEqual([]);
      await close();
    }, 120_000);

    test("models of files that do not fit are refused in a sentence", async () => {
      const { page, errors, close } = await site().page("until=3");
      await ended(page);
      const open = async (name: string, buffer: Uint8Array) => {
        await page.setInputFiles(".right input[type=file]", { name, mimeType: "", buffer: Buffer.from(buffer) });
      };
      await open("not.safetensors", Buffer.from("hello"));
      await expect.poll(() => message(page)).toContain("not.safetensors");
      const layer = gmnm(3, 1, { numComponents: 4 });
      await open("three.safetensors", encodeModel({ layer, params: initialParams(layer, new Random(0)) }));
      await expect
        .poll(() => message(page))
        .toContain("three.safetensors does not fit this task of 2 inputs and 1 outputs");
      const wide = gmnm(2, 2, { numComponents: 4 });
      await open("wide.safetensors", encodeModel({ layer: wide, params: initialParams(wide, new Random(0)) }));
      await expect.poll(() => message(page)).toContain("wide.safetensors does not fit");
      await page.keyboard.press("r");
      await isReady(page);
      await expect.poll(() => page.locator("#message").count()).toBe(0);
      expect(errors).toEqual([]);
      await close();
    });

    test("a formula that is none says why beside it, and one that is goes on", async () => {
      const { page, errors, close } = await site().page("fn=formula&models=gmnm_4");
      await page.waitForSelector("[data-testid=step][data-playing=true]");
      await page.getByLabel("Formula in x and y").fill("window.alert(1)");
      await expect.poll(() => message(page)).toContain("only functions by name can be called");
      expect(await page.getAttribute("label.formula input", "aria-invalid")).toBe("true");
      await page.getByLabel("Formula in x and y").fill("x*y");
      await expect.poll(() => page.locator("#message").count()).toBe(0);
      await page.waitForSelector("[data-testid=step][data-playing=true]");
      expect(errors).toEqual([]);
      await close();
    });
  });
}
