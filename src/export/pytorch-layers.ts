// Layers as they stand in an exported Python file: functions of a layer's config, its parameters and a batch, in PyTorch.
import type { Pieces } from "./pieces.ts";

const squaredDistances = `
def squared_distances(config, p, x):
    """y_k² = ‖P_k (x − μ_k)‖² of every Gaussian k: (…, d) → (…, m). P is (d, rank, m), of diagonals (d, m), of scales (m)."""
    projections = p["projections"]
    centers = p["centers"].T if "centers" in p else None  # (d, m)
    if projections.dim() == 3:
        d, rank, m = projections.shape
        shift = (projections * centers[:, None]).sum(0) if centers is not None else p["offsets"]  # (rank, m)
        y = (x @ projections.reshape(d, rank * m)).unflatten(-1, (rank, m)) - shift  # (…, rank, m)
    elif centers is not None:
        y = (x[..., None] - centers) * projections  # (…, d, m)
    else:
        y = x[..., None] * projections - p["offsets"]
    return y.sum(-2).square() if config.get("aggregate") == "sum" else y.square().sum(-2)`;

const gmnm = `
def gmnm(config, p, x):
    """Σ_k π_k exp(−½ y_k²) + b + xA; with a partition of unity the weights are shares."""
    exponent = -0.5 * squared_distances(config, p, x)
    f = exponent.softmax(-1) if config.get("partitionOfUnity") else exponent.exp()  # (…, m)
    y = f @ p["weights"]
    if "bias" in p:
        y = y + p["bias"]
    return y + x @ p["skip"] if "skip" in p else y`;

const additiveGmnm = `
def additive_gmnm(config, p, x):
    """Σ_j Σ_k π_jk exp(−½ s_jk² (x_j − μ_jk)²) + b + xA: a mixture of each feature by itself."""
    f = (-0.5 * ((x[..., None] - p["centers"]) * p["scales"]).square()).exp()  # (…, d, m)
    return f.flatten(-2) @ p["weights"] + x @ p["skip"] + p["bias"]`;

const linear = `
def linear(config, p, x):
    y = x @ p["weights"]
    return y + p["bias"] if "bias" in p else y`;

const kan = `
def kan(config, p, x):
    """Σ_i (w_i silu(x_i) + Σ_g c_ig B_g(x_i)) with cubic B-splines on a uniform grid."""
    low, high = p["buffers"]["grid"]
    position = (x - low) / (high - low) * config["gridSize"]  # (…, features)
    index = torch.arange(-1, config["gridSize"] + 2, dtype=x.dtype, device=x.device)
    u = (position[..., None] - index).abs()  # (…, features, gridSize + 3)
    basis = (F.relu(2 - u) ** 3 - 4 * F.relu(1 - u) ** 3) / 6
    return basis.flatten(-2) @ p["coefficients"].flatten(0, 1) + F.silu(x) @ p["base"]`;

const fastKan = `
def fast_kan(config, p, x):
    """Σ_i (w_i silu(x_i) + Σ_g c_ig exp(−((x_i − t_g)/h)²)) + b on a fixed grid t."""
    low, high = config["grid"]
    grid = torch.linspace(low, high, config["numGrids"], dtype=x.dtype, device=x.device)
    z = layer_norm({"epsilon": 1e-5}, p["norm"], x) if config["layerNorm"] else x
    basis = (-((z[..., None] - grid) / ((high - low) / (config["numGrids"] - 1))).square()).exp()
    return basis.flatten(-2) @ p["coefficients"].flatten(0, 1) + F.silu(x) @ p["base"] + p["bias"]`;

const layerNorm = `
def layer_norm(config, p, x):
    scale, bias = (p["scale"], p["bias"]) if "scale" in p else (None, None)
    return F.layer_norm(x, x.shape[-1:], scale, bias, config["epsilon"])`;

const batchNorm = `
def batch_norm(config, p, x):
    running = p["buffers"]
    rows = x.reshape(-1, x.shape[-1])
    y = F.batch_norm(
        rows, running["mean"], running["variance"], p["scale"], p["bias"], p.training, config["momentum"], config["epsilon"]
    )
    return y.reshape(x.shape)`;

const activation = `
def activation(config, p, x):
    functions = {
        "relu": F.relu,
        "tanh": torch.tanh,
        "sigmoid": torch.sigmoid,
        "silu": F.silu,
        "gelu": lambda z: F.gelu(z, approximate="tanh"),
        "sin": torch.sin,
        "identity": lambda z: z,
    }
    return functions[config["name"]](x)`;

const gaussianMixtureActivation = `
def gaussian_mixture_activation(config, p, x):
    """Σ_k π_k exp(−½ s_k² (x − μ_k)²) + slope · x + bias, one per channel."""
    z = p["scales"] * (x[..., None, :] - p["centers"])  # (…, m, channels)
    return (p["weights"] * (-0.5 * z.square()).exp()).sum(-2) + p["slope"] * x + p["bias"]`;

const decomposition = `
def decomposition(config, p, x):
    """trend(m) + remainder(x − m) with m the moving average; the ends are repeated."""
    window = config["window"]
    after = (window - 1) // 2
    before = window - 1 - after
    ends = [x[:, :1].expand(-1, before, -1), x, x[:, -1:].expand(-1, after, -1)]
    smooth = torch.cat(ends, 1).unfold(1, window, 1).mean(-1)
    return layer(config["trend"], p["trend"], smooth) + layer(config["remainder"], p["remainder"], x - smooth)`;

const lstmStep = `
def lstm_step(gates, c):
    """h and c from the gates i, f, g, o before their sigmoid or tanh."""
    i, f, g, o = gates.chunk(4, -1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c`;

const lstm = `
def lstm(config, p, x):
    h = c = x.new_zeros(x.shape[0], config["hiddenSize"])
    states = []
    for t in range(x.shape[1]):
        h, c = lstm_step(x[:, t] @ p["inputWeights"] + h @ p["hiddenWeights"] + p["bias"], c)
        states.append(h)
    return torch.stack(states, 1) if config["returnSequence"] else h`;

const gmnmLstm = `
def gmnm_lstm(config, p, x):
    """An LSTM with a mixture of Gaussians of (x_t, h) in its candidate or in all gates."""
    n, m, rank = config["hiddenSize"], config["numComponents"], config["rank"]
    h = c = x.new_zeros(x.shape[0], n)
    states = []
    for t in range(x.shape[1]):
        gates = x[:, t] @ p["inputWeights"] + h @ p["hiddenWeights"] + p["bias"]
        y = x[:, t] @ p["inputProjections"] + h @ p["hiddenProjections"] - p["offsets"]
        f = (-0.5 * y.unflatten(-1, (rank, m)).square().sum(-2)).exp()  # (batch, m)
        mixture = f @ p["mixtureWeights"]
        gates = gates + (mixture if config["placement"] == "gates" else F.pad(mixture, (2 * n, n)))
        h, c = lstm_step(gates, c)
        states.append(h)
    return torch.stack(states, 1) if config["returnSequence"] else h`;

const gru = `
def gru(config, p, x):
    n = config["hiddenSize"]
    h = x.new_zeros(x.shape[0], n)
    states = []
    for t in range(x.shape[1]):
        a = x[:, t] @ p["inputWeights"] + p["bias"]
        b = h @ p["hiddenWeights"]
        r, z = (a[:, : 2 * n] + b[:, : 2 * n]).sigmoid().chunk(2, -1)
        candidate = (a[:, 2 * n :] + r * (b[:, 2 * n :] + p["candidateBias"])).tanh()
        h = (1 - z) * candidate + z * h
        states.append(h)
    return torch.stack(states, 1) if config["returnSequence"] else h`;

const ensemble = `
def ensemble(config, p, x):
    """The mean of what the members say."""
    members = config["layers"]
    return sum(layer(member, p[str(i)], x) for i, member in enumerate(members)) / len(members)`;

const sequential = `
def sequential(config, p, x):
    for i, inner in enumerate(config["layers"]):
        x = layer(inner, p[str(i)], x)
    return x`;

const sumOfLayers = `
def sum_of_layers(config, p, x):
    return sum(layer(inner, p[str(i)], x) for i, inner in enumerate(config["layers"]))`;

const mixtureOverTime = `
def mixture_over_time(config, p, x):
    """The last state and all others, weighted for each feature by a mixture of Gaussians of the time."""
    m, time = config["numComponents"], x.shape[1]
    times = m * (torch.arange(time, dtype=x.dtype, device=x.device) + 0.5) / time
    f = (-0.5 * (p["scales"] * (times[:, None] - p["centers"])).square()).exp()  # (time, m)
    return x[:, -1] + (x * (f @ p["weights"])).sum(1)`;

const overTime = `
def over_time(config, p, x):
    """A layer along the time axis, each column by itself."""
    return layer(config["layer"], p, x.transpose(1, 2)).transpose(1, 2)`;

const aroundLastValue = `
def around_last_value(config, p, x):
    """x_T + layer(x − x_T)."""
    return x[:, -1:] + layer(config["layer"], p, x - x[:, -1:])`;

const linearPerColumn = `
def linear_per_column(config, p, x):
    """A linear map from past to future for each column: weights (columns, lookback, horizon)."""
    return torch.einsum("btc,cth->bhc", x, p["weights"]) + p["bias"].T`;

const partOfSeries = `
def part_of_series(config, p, x):
    x = x[:, -config["last"] :] if config.get("last") else x
    return x[:, :, config["columns"]] if config.get("columns") else x`;

const oneLine = (head: string, result: string): string => `def ${head}(config, p, x):\n    return ${result}`;

/** Layers by their type, and what they share. */
export const pytorchLayers: Pieces = {
  squaredDistances: { source: squaredDistances },
  lstmStep: { source: lstmStep },
  gmnm: { source: gmnm, needs: ["squaredDistances"] },
  rbf: { source: "rbf = gmnm", needs: ["gmnm"] },
  additiveGmnm: { source: additiveGmnm },
  kan: { source: kan },
  fastKan: { source: fastKan, needs: ["layerNorm"] },
  linear: { source: linear },
  activation: { source: activation },
  gaussianMixtureActivation: { source: gaussianMixtureActivation },
  layerNorm: { source: layerNorm },
  batchNorm: { source: batchNorm },
  dropout: { source: oneLine("dropout", 'F.dropout(x, config["rate"], p.training)') },
  sequential: { source: sequential },
  residual: { source: oneLine("residual", 'x + layer(config["layer"], p, x)') },
  ensemble: { source: ensemble },
  sum: { source: sumOfLayers },
  lstm: { source: lstm, needs: ["lstmStep"] },
  gmnmLstm: { source: gmnmLstm, needs: ["lstmStep"] },
  gru: { source: gru },
  mixtureOverTime: { source: mixtureOverTime },
  overTime: { source: overTime },
  aroundLastValue: { source: aroundLastValue },
  relativeToLastValue: { source: oneLine("relative_to_last_value", "x - x[:, -1:]") },
  decomposition: { source: decomposition },
  linearPerColumn: { source: linearPerColumn },
  partOfSeries: { source: partOfSeries },
  flatten: { source: oneLine("flatten", "x.flatten(1)") },
  unflatten: { source: oneLine("unflatten", 'x.reshape(*x.shape[:-1], *config["shape"])') },
};

/** The name of a layer's function in Python. */
export const pythonName = (type: string): string =>
  type === "sum" ? "sum_of_layers" : type.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
