// The run as a program for Node: what a link is to the page.
import { MAX_COORDINATES } from "../../../src/nn/coordinates.ts";
import type { Choice, TableSummary } from "../csv/table.ts";
import { hiddenSizes, initializerOf, numGridsOf, rankOf } from "../models/count.ts";
import type { ModelSpec } from "../models/spec.ts";
import type { Features, State } from "../state/state.ts";
import { formulaOf } from "../tasks/formula-names.ts";

/** An object literal without what is left at its default. */
const options = (entries: Record<string, unknown>): string => {
  const given = Object.entries(entries).filter(([, value]) => value !== undefined);
  return given.length ? `{ ${given.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(", ")} }` : "";
};
const list = (...parts: (string | number)[]): string => parts.filter((part) => part !== "").join(", ");
const unless = <T>(initial: T, value: T): T | undefined => (value === initial ? undefined : value);

/** The layer as it is written in a program, and the names it needs. */
export function layerCode(
  spec: ModelSpec,
  inFeatures: number,
  outFeatures: number,
): { code: string; imports: string[] } {
  const [d, o] = [inFeatures, outFeatures];
  const { family, size, grid } = spec;
  const initializer = initializerOf(spec, d);
  switch (family) {
    case "gmnm": {
      const given = options({
        numComponents: size,
        covariance: spec.covariance,
        rank: spec.covariance === "lowRank" ? rankOf(spec, d) : undefined,
        aggregate: unless("norm", spec.aggregate),
        centers: unless("explicit", spec.centers),
        initializer,
        width: unless(1.25, spec.width),
        skip: spec.skip,
        partitionOfUnity: unless(false, spec.partition),
      });
      return { code: `gmnm(${list(d, o, given)})`, imports: ["gmnm"] };
    }
    case "rbf":
      return {
        code: `rbf(${list(d, o, options({ numComponents: size, initializer, width: spec.width }))})`,
        imports: ["rbf"],
      };
    case "kan": {
      const given = options({ gridSize: grid });
      return {
        code: `sequential(kan(${list(d, size, given)}), kan(${list(size, o, given)}))`,
        imports: ["kan", "sequential"],
      };
    }
    case "fastKan": {
      const first = `fastKan(${list(d, size, options({ numGrids: numGridsOf(spec), grid: [-1.2, 1.2], layerNorm: false }))})`;
      return {
        code: `sequential(${first}, fastKan(${list(size, o, options({ numGrids: numGridsOf(spec) }))}))`,
        imports: ["fastKan", "sequential"],
      };
    }
    case "mlp": {
      const mixture = spec.activation === "mixture";
      const nonlinearity = mixture ? "gaussianMixtureActivation" : JSON.stringify(spec.activation);
      const sizes = [d, ...hiddenSizes(spec), o].join(", ");
      return {
        code: `mlp([${sizes}], { nonlinearity: ${nonlinearity} })`,
        imports: mixture ? ["gaussianMixtureActivation", "mlp"] : ["mlp"],
      };
    }
  }
}

/** What the program learns, in words. */
function goalOf(state: State): string {
  const names: Record<Exclude<State["task"], "table">, string> = {
    function: state.fn === "formula" ? state.formula : formulaOf(state.fn),
    curve: state.curve === "formula" ? state.formula1 : formulaOf(state.curve),
    classes: `${state.shape}, class 0 or 1`,
    poisson: "the solution of Poisson's equation; examples/02-solve-poisson.ts learns it from the equation itself",
    digits: "digits of 14 × 14 pixels, classes as ten columns of 0 and 1",
  };
  return names[state.task as keyof typeof names].replaceAll(/\s+/g, " ");
}

/** What a program needs to know that the state does not say: the numbers a model takes and gives, and the user's file. */
type Data = {
  features: Features;
  files?: { table?: TableSummary; choice?: Choice };
  /** Whether classes are told apart. */
  countsWrong?: boolean;
};

/** A program that trains model i of the state on rows of the user's. */
export function snippetOf(state: State, i: number, { features, files, countsWrong = false }: Data): string {
  const { code, imports } = layerCode(state.models[i], ...features);
  const { table, choice } = (state.task === "table" && files) || {};
  const own = table && choice;
  const isClasses = state.task === "digits" || (own !== undefined && countsWrong);
  const steps = state.until || 1500;
  const second = state.optimizer === "lbfgs";
  const coordinates = features[0] <= MAX_COORDINATES;
  const rate = state.decay ? `cosine(${state.learningRate})` : state.learningRate;
  const names = [
    ...imports,
    "evaluate",
    "fit",
    "save",
    ...(second ? ["lbfgs"] : ["adam", ...(coordinates ? ["isProjection"] : []), ...(state.decay ? ["cosine"] : [])]),
    ...(isClasses ? ["accuracy", "crossEntropy"] : []),
  ];
  const data = own
    ? `const table = await readTable(${JSON.stringify(table.name)});
const { preprocessing, rows } = fitPreprocessing(table, ${options({ target: [choice.target], features: choice.features })});
const x = encodeInputs(table, preprocessing, rows);
const y = encodeTarget(table, preprocessing, rows);`
    : `// To learn: ${goalOf(state)}.
const x: number[][] = [/* rows of ${features[0]} number${features[0] > 1 ? "s" : ""} */];
const y: number[][] = [/* rows of ${features[1]} */];`;
  return `import { ${[...new Set(names)].sort().join(", ")} } from "gmnm";
${own ? 'import { encodeInputs, encodeTarget, fitPreprocessing, readTable } from "gmnm/table";\n' : ""}
${data}

const layer = ${code};
const { model } = await fit(layer, { x, y }, {
  epochs: ${steps},
  optimizer: ${second ? "lbfgs()" : `adam({ learningRate: ${rate}, beta2: 0.99${coordinates ? ", relative: isProjection" : ""} })`},${isClasses ? "\n  loss: crossEntropy," : ""}
  seed: ${state.seed},
});
console.log(await evaluate(model, { x, y }${isClasses ? ", { metrics: { accuracy } }" : ""}));
await save(model, "model.safetensors");
`;
}
