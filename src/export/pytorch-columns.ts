// What stands around the layers in an exported Python file: from rows to what the model sees, and from what it says to predictions.
import type { Pieces } from "./pieces.ts";

const values = `
def shown(name):
    return json.dumps(name, ensure_ascii=False)


def wrong(row, column, expected, value):
    """Rows are counted from 1, as in files."""
    return ValueError(f"row {row + 1}, column {shown(column)}: expected {expected}, got {value!r}")


def cells_of(row, i, columns):
    """A row's values by the columns that are read."""
    unknown = next((name for name in row if name not in COLUMNS), None)
    if unknown is not None:
        raise ValueError(f"row {i + 1}: there is no column {shown(unknown)}")
    missing = next((c["name"] for c in columns if c["name"] not in row), None)
    if missing is not None:
        raise ValueError(f"row {i + 1}, column {shown(missing)}: it is not there; None says that a value is not known")
    return [content_of(row[c["name"]]) for c in columns]


def content_of(value):
    """What a cell holds: text without the spaces around it; None for a missing value, however it is written."""
    if isinstance(value, str):
        return None if value.strip().lower() in ("", "na", "n/a", "nan", "null", "?", "-") else value.strip()
    return None if value is None or (isinstance(value, float) and math.isnan(value)) else value


DECIMAL = re.compile(r"[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)(e[+-]?[0-9]+)?", re.IGNORECASE)


def parse_number(text):
    """Text as a decimal number; None where it is none."""
    value = float(text) if DECIMAL.fullmatch(text) else math.nan
    return value if math.isfinite(value) else None


def number_of(content, row, name):
    number = parse_number(content) if isinstance(content, str) else content
    is_number = isinstance(number, (int, float, np.number)) and not isinstance(number, bool)
    if not is_number or not math.isfinite(number):
        raise wrong(row, name, "a number", content)
    return float(number)


def float32(values, row, name):
    """Rounded as in training."""
    with np.errstate(over="ignore"):
        features = np.asarray(values, dtype=np.float32)
    if not np.isfinite(features).all():
        raise ValueError(f"row {row + 1}, column {shown(name)}: the number is too large")
    return features`;

const number = `
def number(column, content, row):
    v = column["fill"] if content is None else number_of(content, row, column["name"])
    if column["transform"] == "signedLog":
        v = math.copysign(math.log1p(abs(v)), v)
    feature = (v - column["center"]) / column["scale"]
    return [feature, float(content is None)] if column["flag"] else [feature]`;

const category = `
def category(column, content, row):
    if isinstance(content, (dict, list)):
        raise wrong(row, column["name"], "text", content)
    levels = column["levels"]
    level = None if content is None else place_of(content, levels)
    return [float(i == level) for i in range(len(levels))]


def place_of(content, levels):
    """The place of a level: the same text, or the same truth, number or date, written differently."""
    text = str(content)
    if isinstance(content, bool):
        return next((i for i, level in enumerate(levels) if level.lower() == text.lower()), None)
    if text in levels:
        return levels.index(text)
    number = parse_number(text)
    if number is not None:
        return next((i for i, level in enumerate(levels) if parse_number(level) == number), None)
    time = time_of(text)
    return None if time is None else next((i for i, level in enumerate(levels) if time_of(level) == time), None)`;

// Where no level is a date there are none to compare with.
const noTimes = `
def time_of(text):
    return None`;
const times = `
def time_of(text):
    """A date to the millisecond; None where it is none."""
    days = days_of(text)
    return None if days is None else round(days * 86400000)`;

const dates = `
DATE_FORMS = [
    r"(?P<year>[0-9]{4})-(?P<month>[0-9][0-9]?)(?:-(?P<day>[0-9][0-9]?))?",
    r"(?P<year>[0-9]{4})/(?P<month>[0-9][0-9]?)/(?P<day>[0-9][0-9]?)",
    r"(?P<day>[0-9][0-9]?)\\.(?P<month>[0-9][0-9]?)\\.(?P<year>[0-9]{4})",
    r"(?P<day>[0-9][0-9]?)[ -](?P<name>[A-Za-z]{3,9})\\.?,?[ -](?P<year>[0-9]{4})",
    r"(?P<name>[A-Za-z]{3,9})\\.? (?P<day>[0-9][0-9]?),? (?P<year>[0-9]{4})",
    r"(?P<name>[A-Za-z]{3,9})\\.?[ -](?P<year>[0-9]{4})",
]
TIME = (
    r"(?:[T ,]\\s*(?P<hour>[0-9]{1,2}):(?P<minute>[0-9][0-9])(?::(?P<second>[0-9][0-9](?:[.,][0-9]{1,9})?))?"
    r"\\s*(?P<zone>Z|[+-][0-9][0-9]:?[0-9][0-9])?)?"
)
MONTHS = "january february march april may june july august september october november december".split()


def days_of(content):
    """Days since 2000-01-01T00:00Z; what has no zone is taken as UTC."""
    if isinstance(content, datetime.date):
        content = content.isoformat()
    if not isinstance(content, str) or not 7 <= len(content) <= 40:
        return None
    matches = (re.fullmatch(form + TIME, content, re.IGNORECASE) for form in DATE_FORMS)
    parts = next((match.groupdict() for match in matches if match), None)
    if parts is None:
        return None
    if parts.get("name"):
        word = parts["name"].lower()
        names = [i for i, m in enumerate(MONTHS) if word in (m, m[:3]) or (word == "sept" and m == "september")]
        month = names[0] + 1 if names else 0
    else:
        month = int(parts["month"])
    hour, minute = int(parts["hour"] or 0), int(parts["minute"] or 0)
    second = float((parts["second"] or "0").replace(",", "."))
    if hour > 23 or minute > 59 or second >= 60:
        return None
    try:
        midnight = datetime.date(int(parts["year"]), month, int(parts.get("day") or 1))
    except ValueError:
        return None
    zone = (parts["zone"] or "Z").replace(":", "")
    offset = 0 if zone in "Zz" else int(zone[0] + "1") * (60 * int(zone[1:3]) + int(zone[3:]))
    days = midnight.toordinal() - datetime.date(2000, 1, 1).toordinal()
    return days + (60 * (60 * hour + minute - offset) + second) / 86400`;

const date = `
def date(column, content, row):
    days = column["fill"] if content is None else days_of(content)
    if days is None:
        raise wrong(row, column["name"], "a date such as 2024-02-29", content)
    angles = [2 * math.pi * days / length for length in column["cycles"]]
    return [(days - column["center"]) / column["scale"], *(f(a) for a in angles for f in (math.sin, math.cos))]`;

const encode = `
def encode(rows):
    """(rows, features) of rows, dicts by column name."""
    inputs = PREPROCESSING["inputs"]
    features = []
    for i, row in enumerate(rows):
        cells = zip(inputs, cells_of(row, i, inputs))
        parts = [float32(ENCODERS[c["kind"]](c, content, i), i, c["name"]) for c, content in cells]
        features.append(np.concatenate([np.zeros(0, np.float32), *parts]))
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
        times = []
        columns = PREPROCESSING["columns"]
        for column, content in zip(columns, cells_of(row, i, columns)):
            name = column["name"]
            value = number_of(content, i, name)
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
  dates: { source: dates },
  times: { source: times, needs: ["dates"] },
  noTimes: { source: noTimes },
  category: { source: category, needs: ["values"] },
  date: { source: date, needs: ["values", "dates"] },
  encode: { source: encode, needs: ["values"] },
  numbers: { source: numbers },
  classes: { source: classes },
  series: { source: series, needs: ["values"] },
  novelty: { source: novelty },
};
