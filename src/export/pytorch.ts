import { expectFinite } from "../io/model-file.ts";
import type { Model } from "../model.ts";
import { namedTensors } from "../params.ts";
import { type AnyPreprocessing, isSeries, knownColumns } from "../table/json-rows.ts";
import { knowsNovelty } from "../train/novelty.ts";
import { version } from "../version.ts";
import { columnPieces, kindsOf } from "./column-pieces.ts";
import { pythonLiteral, quotePython } from "./literal.ts";
import { collectPieces, expectPieces, typesOf } from "./pieces.ts";
import { pytorchColumns } from "./pytorch-columns.ts";
import { pythonName, pytorchLayers } from "./pytorch-layers.ts";

/** Options of {@link toPytorch}. */
export type PytorchOptions = {
  /** The name of the safetensors file that lies beside the program. Default "model.safetensors". */
  weights?: string;
};

/**
 * A model as one Python file that needs PyTorch and numpy, and the safetensors file that `save` writes beside it. Its `Model` is an `nn.Module` whose
 * state_dict has the names of the tensors, so that it can be trained further; `predict(rows)` takes dicts by column name; run as a program, it
 * reads a CSV file and writes predictions.
 *
 * @example
 * ```ts
 * await save(model, "model.safetensors");
 * await writeAtomic("model.py", toPytorch(model, preprocessing));
 * ```
 * @throws GmnmError for a layer that has no form in such a file, and for parameters that are not finite.
 */
export function toPytorch(model: Model, preprocessing: AnyPreprocessing, options: PytorchOptions = {}): string {
  const { weights = "model.safetensors" } = options;
  const { config } = model.layer;
  expectPieces("pytorch", config, pytorchLayers);
  const tensors = namedTensors(model.params);
  expectFinite(tensors);
  const series = isSeries(preprocessing);
  const { read, unused } = knownColumns(preprocessing);
  const shapes = Object.fromEntries(tensors.map(([name, { shape }]) => [name, shape]));
  const types = [...typesOf(config)];
  const kinds = kindsOf(preprocessing);
  const novelty = !series && knowsNovelty(model) ? ["novelty"] : [];
  const layers = types.map((type) => `${quotePython(type)}: ${pythonName(type)}`).join(", ");
  const classes = !series && preprocessing.target.kind === "classes";
  const printing = classes
    ? `    table.writerow(["label", *predictions[0]["probabilities"]])
    table.writerows([p["label"], *p["probabilities"].values()] for p in predictions)`
    : `    table.writerow(predictions[0])
    table.writerows(p.values() for p in predictions)`;
  const program = `WEIGHTS = ${quotePython(weights)}

# From columns to features, and from the model's outputs to the targets' units.
PREPROCESSING = ${pythonLiteral(preprocessing)}

# Columns that are read, and columns that may be there.
READ = ${pythonLiteral(read)}
COLUMNS = {*READ, *${pythonLiteral(unused)}}

# The layers, and the shapes of their parameters.
CONFIG = ${pythonLiteral(config)}
SHAPES = ${pythonLiteral(shapes)}


${collectPieces(types, pytorchLayers).join("\n\n\n")}


LAYERS = {${layers}}


def layer(config, p, x):
    return LAYERS[config["type"]](config, p, x)


class Parameters(nn.Module):
    """A tree of parameters with the names of the file's tensors; what stands under "buffers" is not trained."""

    def put(self, path, value, trained=True):
        name, *rest = path
        if rest:
            # Not add_module, which refuses "buffers", the name of a method.
            inner = self._modules.setdefault(name, Parameters())
            inner.put(rest, value, trained and name != "buffers")
        elif trained:
            self.register_parameter(name, nn.Parameter(value))
        else:
            self.register_buffer(name, value)

    def __contains__(self, name):
        return name in self._parameters or name in self._buffers or name in self._modules

    def __getitem__(self, name):
        for tree in (self._parameters, self._buffers, self._modules):
            if name in tree:
                return tree[name]
        return Parameters().train(self.training)  # of a layer without parameters


class Model(Parameters):
    """${series ? "(batch, lookback, columns) → (batch, horizon, targets)" : "(rows, features) → (rows, outputs)"}; an ordinary module, to be trained further like any other."""

    def __init__(self):
        super().__init__()
        for name, shape in SHAPES.items():
            self.put(name.split("."), torch.zeros(shape))

    def forward(self, x):
        return layer(CONFIG, self, x)

    def like(self, x):
        """x where the parameters are, in their precision."""
        return x.to(next(iter(self.state_dict().values()), x))

    def predict(self, rows):
        with torch.no_grad():
            return decode(self(self.like(encode(rows)))) if rows else []


def read_safetensors(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        numbers = file.read()
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        start, end = entry["data_offsets"]
        values = np.frombuffer(numbers[start:end], dtype="<f4").astype(np.float32)
        tensors[name] = torch.from_numpy(values.reshape(entry["shape"]))
    return tensors


@functools.lru_cache(maxsize=None)
def load(path=os.path.join(os.path.dirname(os.path.abspath(__file__)), WEIGHTS)):
    """The model with its trained parameters, for predictions; model.train() for more training."""
    model = Model()
    model.load_state_dict(read_safetensors(path))
    return model.eval()


${collectPieces([...columnPieces(preprocessing), ...novelty], pytorchColumns).join("\n\n\n")}

${kinds.length > 0 ? `\nENCODERS = {${kinds.map((kind) => `"${kind}": ${kind}`).join(", ")}}\n\n` : ""}
def predict(rows):
    """${series ? "The rows to come, the next one first, from the rows up to now." : "What the model says of each row."} Rows are dicts by column name."""
    return load().predict(rows)


def main():
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} rows.csv")
    with open(sys.argv[1], newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        missing = [name for name in READ if name not in (reader.fieldnames or [])]
        if missing:
            sys.exit(f"{sys.argv[1]} has no column {json.dumps(missing[0], ensure_ascii=False)}")
        rows = [{name: row[name] for name in READ} for row in reader]
    try:
        predictions = predict(rows)
    except ValueError as error:
        sys.exit(f"{sys.argv[1]}: {error}")
    if not predictions:
        sys.exit(f"{sys.argv[1]} has no rows")
    sys.stdout.reconfigure(encoding="utf-8", newline="")
    table = csv.writer(sys.stdout, lineterminator="\\n")
${printing}


if __name__ == "__main__":
    main()
`;
  return `#!/usr/bin/env python3
# A model made by gmnm ${version}. It needs PyTorch, numpy, and the file ${quotePython(weights)} beside it:
#   python3 model.py rows.csv > predictions.csv
#   from model import load, predict
${importsOf(program)}
${program}`;
}

/** Modules by the name they have in the program. */
const MODULES = ["csv", "datetime", "functools", "json", "math", "os", "re", "struct", "sys"];

function importsOf(program: string): string {
  const used = (name: string) => new RegExp(`\\b${name}\\.\\w`).test(program);
  const functional = used("F") ? "import torch.nn.functional as F\n" : "";
  const standard = MODULES.filter(used).map((name) => `import ${name}\n`);
  return `${standard.join("")}\nimport numpy as np\nimport torch\n${functional}from torch import nn\n`;
}
