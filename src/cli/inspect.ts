import { formatNumber } from "../plot/numbers.ts";
import { openFinishedRun, readChecked } from "../run/folder.ts";
import { type Inspection, inspectionSchema } from "../run/inspection.ts";
import { inspectRun } from "../run/use-run.ts";
import { count, extentOf, percent, whereIs } from "../run/words.ts";
import { textTable } from "./table.ts";

/** Prints what a run's model is made of. */
export async function inspectCommand(
  path: string,
  { on, components, json }: { on?: string; components: number; json?: boolean },
): Promise<void> {
  const { folder } = await openFinishedRun(path);
  const inspection =
    on === undefined ? await readChecked(folder.file("inspection"), inspectionSchema) : await inspectRun(path, on);
  console.log(json ? JSON.stringify(inspection) : describe(inspection, components));
}

function describe({ architecture, parameters, rows, influences, components }: Inspection, most: number): string {
  const parts = [`${architecture.join("\n")}\n${count(parameters, "parameter")}; looked at ${count(rows, "row")}`];
  if (influences.length > 0) {
    parts.push(
      textTable(
        ["what matters", "influence", "from … to"],
        influences.map((one) => [one.input, percent(one.share), extentOf(one)]),
      ),
    );
  }
  const dead = components.filter((component) => component.dead).length;
  if (components.length > 0) {
    const shown = components.slice(0, most);
    const line = (component: Inspection["components"][number], i: number) => [
      String(i + 1),
      percent(component.share),
      component.weight.slice(0, 4).map(formatNumber).join(" "),
      formatNumber(component.meanActivation),
      whereIs(component),
    ];
    const lines = textTable(["Gaussian", "share", "weight", "mean activation", "where"], shown.map(line));
    const rest =
      components.length > shown.length
        ? `\n(${components.length - shown.length} more; --components shows as many as you like)`
        : "";
    parts.push(`${lines}${rest}\n${count(components.length, "Gaussian")}, ${dead === 0 ? "none" : dead} dead`);
  }
  return parts.join("\n\n");
}
