"""The benchmark's cases as a user of PyTorch who cares for speed would write them.

Each builder returns (parameters, loss function): the loss takes nothing and returns a scalar; data are made once.
Ways to write a case were tried against each other on PyTorch 1.13 and 2 cores; comments name those that lost.
"""

import torch
from torch import nn
from torch.nn import functional as F

from pytorch_poisson import double_autograd, poisson, taylor


def normal(*shape, scale=1.0):
    """A trained tensor of normal numbers."""
    return nn.Parameter(torch.randn(*shape) * scale)


class Gmnm(nn.Module):
    """Σ_k w_k exp(−½ Σ_j (p_kj·x − o_kj)²) + b. Projections are stored (rank·components, in), the form F.linear likes best."""

    def __init__(self, in_features, out_features, components, rank, explicit_centers=False, skip=False):
        super().__init__()
        self.components, self.rank, self.in_features = components, rank, in_features
        self.projections = normal(rank * components, in_features, scale=in_features**-0.5)
        if explicit_centers:
            self.centers = normal(components, in_features)
        else:
            self.offsets = normal(rank * components)  # −P μ: stored negated, it is the bias of the product
        self.mixture = nn.Linear(components, out_features)
        self.skip = nn.Linear(in_features, out_features, bias=False) if skip else None

    def shift(self):
        if hasattr(self, "offsets"):
            return self.offsets
        projections = self.projections.view(self.rank, self.components, self.in_features)
        return -(projections * self.centers).sum(-1).flatten()  # (rank·components)

    def forward(self, x):  # (batch, in) → (batch, out)
        y = F.linear(x, self.projections, self.shift()).view(len(x), self.rank, self.components)
        # y·y beats y.square(), whose gradient takes the way of any power; in place, as no gradient needs the sum itself.
        out = self.mixture((y * y).sum(1).mul_(-0.5).exp_())
        return out if self.skip is None else out + self.skip(x)


def supervised(model, x, y, loss):
    return list(model.parameters()), lambda: loss(model(x), y)


def classes(rows, count=10):
    """Class numbers: the same loss as one-hot targets, and cheaper."""
    return torch.randint(count, (rows,))


def relu_mlp(*sizes):
    layers = [nn.Linear(sizes[0], sizes[1])]
    for a, b in zip(sizes[1:], sizes[2:]):
        layers += [nn.ReLU(inplace=True), nn.Linear(a, b)]
    return nn.Sequential(*layers)


def gmnm_large():
    return supervised(Gmnm(64, 64, 256, 4), torch.randn(1024, 64), torch.randn(1024, 64), F.mse_loss)


def gmnm_plane(rows):
    model = Gmnm(2, 1, 64, 2, explicit_centers=True)
    return supervised(model, torch.rand(rows, 2) * 2 - 1, torch.randn(rows, 1), F.mse_loss)


def gmnm_mlp():
    model = nn.Sequential(
        Gmnm(64, 128, 128, 2, explicit_centers=True, skip=True), Gmnm(128, 10, 88, 2, explicit_centers=True, skip=True)
    )
    return supervised(model, torch.randn(256, 64), classes(256), F.cross_entropy)


def cnn():
    # Channels last beat channels first, and ReLU behind the pooling, where a quarter of the numbers is left, beats ReLU before it: 11 against 17 ms.
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding="same"),
        nn.MaxPool2d(2),
        nn.ReLU(inplace=True),
        nn.Conv2d(16, 32, 3, padding="same"),
        nn.MaxPool2d(2),
        nn.ReLU(inplace=True),
        nn.Flatten(),
        nn.Linear(7 * 7 * 32, 10),
    ).to(memory_format=torch.channels_last)
    images = torch.randn(64, 1, 28, 28).to(memory_format=torch.channels_last)
    return supervised(model, images, classes(64), F.cross_entropy)


class Forecaster(nn.Module):
    """A linear head on the last hidden state of a recurrent layer that maps (batch, steps, 7) → (batch, steps, 64)."""

    def __init__(self, recurrent):
        super().__init__()
        self.recurrent, self.head = recurrent, nn.Linear(64, 1)

    def forward(self, x):
        return self.head(self.recurrent(x)[0][:, -1])


class UnrolledLstm(nn.Module):
    """The cell as a user writes it who needs to change it: the input's part for all steps at once, then a loop."""

    def __init__(self, in_features, hidden):
        super().__init__()
        self.input = nn.Linear(in_features, 4 * hidden)
        self.recurrent = normal(hidden, 4 * hidden, scale=hidden**-0.5)
        self.hidden = hidden

    def forward(self, x):
        h = c = x.new_zeros(len(x), self.hidden)
        outputs = []
        for gates in self.input(x).unbind(1):  # (batch, 4·hidden) each
            i, f, g, o = torch.addmm(gates, h, self.recurrent).chunk(4, 1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
            outputs.append(h)
        return torch.stack(outputs, 1), (h, c)


def lstm(recurrent):
    return supervised(Forecaster(recurrent), torch.randn(64, 24, 7), torch.randn(64, 1), F.mse_loss)


class Attention(nn.Module):
    """Level with the products and the softmax written out."""

    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(64, 4, batch_first=True)

    def forward(self, x):
        return self.attention(x, x, x, need_weights=False)[0]


def attention():
    return supervised(Attention(), torch.randn(16, 64, 64), torch.randn(16, 64, 64), F.mse_loss)


CASES = {
    "gmnm-large": gmnm_large,
    "gmnm-small": lambda: gmnm_plane(256),
    "gmnm-10k": lambda: gmnm_plane(10_000),
    "gmnm-mlp": gmnm_mlp,
    "relu-mlp": lambda: supervised(relu_mlp(64, 256, 256, 10), torch.randn(256, 64), classes(256), F.cross_entropy),
    "mlp": lambda: supervised(relu_mlp(784, 256, 128, 10), torch.randn(128, 784), classes(128), F.cross_entropy),
    "cnn": cnn,
    "lstm": lambda: lstm(nn.LSTM(7, 64, batch_first=True)),
    "lstm-unrolled": lambda: lstm(UnrolledLstm(7, 64)),
    "attention": attention,
    "pinn": lambda: poisson(taylor),
    "pinn-autograd": lambda: poisson(double_autograd),
}
