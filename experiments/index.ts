import { attention } from "./attention/experiment.ts";
import { components } from "./components/experiment.ts";
import { forecast } from "./forecast/experiment.ts";
import { functions } from "./functions/experiment.ts";
import { generation } from "./generation/experiment.ts";
import { images } from "./images/experiment.ts";
import type { experimentNames } from "./names.ts";
import { poisson } from "./poisson/experiment.ts";
import type { Experiment } from "./shared/experiment.ts";
import { tabular } from "./tabular/experiment.ts";

/** Every experiment of `gmnm reproduce`, by name. */
export const experiments: Readonly<Record<string, Experiment>> = {
  functions,
  poisson,
  tabular,
  images,
  forecast,
  attention,
  generation,
  components,
} satisfies Record<(typeof experimentNames)[number], Experiment>;
