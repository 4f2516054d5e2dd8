// What stands around the layers in an exported Python file: from rows to what the model sees, and from what it says to predictions.
import { type AnyPreprocessing, ISO_DATE, isSeries } from "../table/json-rows.ts";
import type { Pieces } from "./pieces.ts";

const values = `
def wrong(row, column, expected, value):
    return ValueError(f"row {row}, column {json.dumps(column, ensure_ascii=False)}: expected {expected}, got {value!r}")


def is_missing(value):
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def number_of(value, row, name):
    if isinstance(value, (int, float, np.number)) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    try:
        number = float(value) if isinstance(value, str) and "_" not in value else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise wrong(row, name, "a number", value)
    return number


def expect_columns(row, i):
    unknown = next((name for name in row if name not in COLUMNS), None)
    if unknown is not None:
        raise ValueError(f"row {i}: there is no column {json.dumps(unknown, ensure_ascii=False)}")


def float32(values, row, name):
    """Rounded as in training."""
    with np.errstate(over="ignore"):
        features = np.asarray(values, dtype=np.float32)
    if not np.isfinite(features).all():
        raise ValueError(f"row {row}, column {json.dumps(name, ensure_ascii=False)}: the number is too large")
    return features`;

const number = `
def number(column, value, row):
    v = column["fill"] if is_missing(value) else number_of(value, row, column["name"])
    if column["transform"] == "signedLog":
        v = math.copysign(math.log1p(abs(v)), v)
    feature = (v - column["center"]) / column["scale"]
    return [feature, float(is_missing(value))] if column["flag"] else [feature]`;

const category = `
def category(column, value, row):
    if isinstance(value, (dict, list)):
        raise wrong(row, column["name"], "text", value)
    if isinstance(value, bool):
        value = str(value).lower()
    elif isinstance(value, float) and value.is_integer():
        value = int(value)
    return [float(not is_missing(value) and level == str(value)) for level in column["levels"]]`;

const date = `
ISO_DATE = re.compile(r"${ISO_DATE.replaceAll("\\d", "[0-9]")}")


def days_of(value):
    """Days since 2000-01-01T00:00Z; what has no zone is taken as UTC."""
    if isinstance(value, datetime.date):
        value = value.isoformat()
    parts = ISO_DATE.match(value.strip()) if isinstance(value, str) else None
    if not parts:
        return None
    year, month, day, hour, minute = (int(parts[i] or (1 if i == 3 else 0)) for i in range(1, 6))
    second = float(parts[6] or 0)
    if hour > 24 or minute > 59 or second >= 60:
        return None
    try:
        midnight = datetime.date(year, month, day).toordinal() - datetime.date(2000, 1, 1).toordinal()
    except ValueError:
        return None
    zone = (parts[7] or "Z").replace(":", "")
    offset = 0 if zone == "Z" else int(zone[0] + "1") * (60 * int(zone[1:3]) + int(zone[3:]))
    return midnight + (hour + (minute - offset + second / 60) / 60) / 24


def date(column, value, row):
    days = column["fill"] if is_missing(value) else days_of(value)
    if days is None:
        raise wrong(row, column["name"], "a date such as 2024-02-29", value)
    angles = [2 * math.pi * days / length for length in column["cycles"]]
    return [(days - column["center"]) / column["scale"], *(f(a) for a in angles for f in (math.sin, math.cos))]`;

const encode = `
def encode(rows):
    """(rows, features) of rows, dicts by column name."""
    features = []
    for i, row in enumerate(rows):
        expect_columns(row, i)
        columns = [(c["name"], ENCODERS[c["kind"]](c, row.get(c["name"]), i)) for c in PREPROCESSING["inputs"]]
        features.append(np.concatenate([np.zeros(0, np.float32), *(float32(v, i, name) for name, v in columns)]))
    return torch.from_numpy(np.stack(features))`;

const numbers = `
def signed_exp(v):
    return math.copysign(math.expm1(abs(v)), v)


def decode(outputs):
    """The model's outputs (rows, targets) in the targets' units."""
    columns = PREPROCESSING["target"]["columns"]
    unscaled = [[y * c["scale"] + c["center"] for y, c in zip(row, columns)] for row in outputs.double().tolist()]
    return [
        {c["name"]: signed_exp(v) if c["transform"] == "signedLog" else v for v, c in zip(row, columns)} for row in unscaled
    ]`;

const classes = `
def decode(outputs):
    """For each row the likeliest class, and the probability of each."""
    names = PREPROCESSING["target"]["classes"]
    return [
        {"label": names[max(range(len(row)), key=row.__getitem__)], "probabilities": dict(zip(names, row))}
        for row in outputs.double().softmax(-1).tolist()
    ]`;

const series = `
def encode(rows):
    """(1, lookback, columns) of the last rows of a series, dicts by column name, the newest last."""
    lookback = PREPROCESSING["lookback"]
    if len(rows) < lookback:
        raise ValueError(f"a forecast needs the last {lookback} rows, got {len(rows)}")
    past = []
    for i, row in list(enumerate(rows))[-lookback:]:
        expect_columns(row, i)
        times = []
        for column in PREPROCESSING["columns"]:
            name = column["name"]
            value = number_of(row.get(name), i, name)
            if column["transform"] == "log":
                if value <= 0:
                    raise wrong(i, name, "a number above 0", value)
                value = math.log(value)
            times.append(float32((value - column["center"]) / column["scale"], i, name))
        past.append(np.stack(times))
    return torch.from_numpy(np.stack(past))[None]


def decode(outputs):
    """The rows to come, the next one first, in the columns' units."""
    columns = [PREPROCESSING["columns"][place] for place in PREPROCESSING["targets"]]
    unscaled = [[y * c["scale"] + c["center"] for y, c in zip(row, columns)] for row in outputs[0].double().tolist()]
    return [
        {c["name"]: math.exp(v) if c["transform"] == "log" else v for v, c in zip(row, columns)} for row in unscaled
    ]`;

const novelty = `
def novelty(rows, model=None):
    """Distance of each row to the nearest Gaussian, in that Gaussian's own widths: at 4 the Gaussians have faded."""
    model = model or load()

    def nearest(config, p, x):
        if config["type"] in ("gmnm", "rbf"):
            return squared_distances(config, p, x).min(-1).values
        if config["type"] == "sequential":
            return nearest(config["layers"][0], p["0"], x)
        return torch.stack([nearest(member, p[str(i)], x) for i, member in enumerate(config["layers"])]).min(0).values

    with torch.no_grad():
        return nearest(CONFIG, model, model.like(encode(rows))).sqrt().tolist()`;

/** The pieces around the layers. */
export const pytorchColumns: Pieces = {
  values: { source: values },
  number: { source: number, needs: ["values"] },
  category: { source: category, needs: ["values"] },
  date: { source: date, needs: ["values"] },
  encode: { source: encode, needs: ["values"] },
  numbers: { source: numbers },
  classes: { source: classes },
  series: { source: series, needs: ["values"] },
  novelty: { source: novelty },
};

/** Names of the pieces that a preprocessing needs. */
export const pytorchColumnsFor = (preprocessing: AnyPreprocessing): string[] =>
  isSeries(preprocessing)
    ? ["series"]
    : [...new Set(preprocessing.inputs.map(({ kind }) => kind)), "encode", preprocessing.target.kind];
