// The playground in a browser. It is built once and all tests share the browser; what is tested stands in page/, by subject.
import { afterAll, beforeAll } from "vitest";
import { describeChromium } from "../browser/chromium.ts";
import { testDelivery } from "./page/delivery.ts";
import { testFiles } from "./page/files.ts";
import { testHands } from "./page/hands.ts";
import { testLooks } from "./page/looks.ts";
import { testTraining } from "./page/training.ts";
import { Site } from "./site.ts";

describeChromium("the playground", { timeout: 180_000 }, () => {
  let site: Site;
  const current = () => site;
  beforeAll(async () => {
    site = await Site.open();
  }, 180_000);
  afterAll(() => site?.close());

  testDelivery(current);
  testTraining(current);
  testHands(current);
  testFiles(current);
  testLooks(current);
});
