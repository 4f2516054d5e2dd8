// The large field with its Gaussians as a picture, drawn anew and not taken from the page.
import type { Playground } from "../state/playground.svelte.ts";
import { SIDE, shownRange } from "../tasks/problem.ts";
import { shades, type Theme } from "../views/colors.ts";
import { drawnComponents, SIZE } from "../views/geometry.ts";
import { percent } from "../views/numbers.ts";
import { paint, toSigned } from "../views/raster.ts";
import { componentsOf } from "../worker/messages.ts";

const [PIXELS, FOOT] = [1000, 64];

/** A PNG of what is shown large. */
export async function pictureOf(playground: Playground, theme: Theme): Promise<Blob> {
  const { view, frame, state, hero } = playground;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [PIXELS, PIXELS + FOOT];
  const context = canvas.getContext("2d")!;
  const style = getComputedStyle(document.documentElement);
  const color = (name: string) => style.getPropertyValue(name).trim();
  context.fillStyle = color("--page");
  context.fillRect(0, 0, canvas.width, canvas.height);
  const model = frame?.models[hero];
  if (view?.kind === "plane" && model?.field) {
    const image = context.createImageData(PIXELS, PIXELS);
    const field = view.classes ? toSigned(model.field) : model.field;
    paint(new Uint32Array(image.data.buffer), PIXELS, field, SIDE, shownRange(view), shades(theme));
    context.putImageData(image, 0, 0);
    const components = state.components ? componentsOf(model.components) : [];
    context.save();
    context.beginPath();
    context.rect(0, 0, PIXELS, PIXELS);
    context.clip();
    for (const { component, strength, outlined, at, level } of drawnComponents(components, view.axes)) {
      const [x, y] = at.map((value) => (value / SIZE) * PIXELS);
      context.strokeStyle = context.fillStyle = color(
        component.dead ? "--muted" : component.weight < 0 ? "--subtracts" : "--adds",
      );
      context.lineWidth = 1.5 + 2.5 * strength;
      context.globalAlpha = 0.35 + 0.65 * strength;
      context.beginPath();
      if (outlined && level.kind === "ellipse")
        context.ellipse(x, y, level.major, level.minor, level.angle, 0, 2 * Math.PI);
      else if (outlined && level.kind === "ridge") ridge(context, [x, y], level.halfWidth, level.angle);
      context.stroke();
      context.beginPath();
      context.arc(x, y, 4 + 9 * strength, 0, 2 * Math.PI);
      context.fill();
    }
    context.restore();
    context.fillStyle = color("--ink");
    context.font = "600 26px system-ui, sans-serif";
    const title = `${playground.nameOf(hero)}: ${percent(model.error)} after ${frame?.step} steps`;
    context.fillText(title, 18, PIXELS + 42);
    context.font = "20px system-ui, sans-serif";
    context.fillStyle = color("--muted");
    context.textAlign = "right";
    context.fillText("gmnm playground", PIXELS - 18, PIXELS + 41);
  }
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the browser makes no PNG"))), "image/png"),
  );
}

/** Two lines beside a place, without an end. */
function ridge(context: CanvasRenderingContext2D, [x, y]: readonly number[], halfWidth: number, angle: number): void {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  for (const side of [-halfWidth, halfWidth]) {
    const place = (along: number) => [x + along * cos - side * sin, y + along * sin + side * cos] as const;
    context.moveTo(...place(-3 * SIZE));
    context.lineTo(...place(3 * SIZE));
  }
}
