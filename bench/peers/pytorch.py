"""The benchmark's PyTorch process: JSON lines in, JSON lines out.

OMP_NUM_THREADS and OPENBLAS_NUM_THREADS say how many threads it takes, BENCH_DEVICE where it computes: cpu or cuda.

{"prepare": case} → {"parameters": count}; {"case": case, "steps": n} → {"ms": total}; what fails → {"error": sentence}.
"""

import json
import os
import platform
import sys
import time

import torch

from pytorch_cases import CASES

WARM_UP_SECONDS = 0.3


def training(name):
    """One training step of a case, as a function that returns the loss."""
    torch.manual_seed(0)
    parameters, loss_of = CASES[name]()
    # The fused Adam of 1.13 is for GPUs only.
    optimizer = torch.optim.Adam(parameters, lr=1e-3, **({"fused": True} if device == "cuda" else {"foreach": True}))

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of()
        loss.backward()
        optimizer.step()
        return loss.item()

    return step, sum(p.numel() for p in parameters)


def prepare(name):
    steps[name], parameters = training(name)
    began = time.perf_counter()
    taken = 0
    while taken < 3 or time.perf_counter() - began < WARM_UP_SECONDS:
        steps[name]()
        taken += 1
    return {"parameters": parameters}


def measure(name, count):
    step = steps[name]
    began = time.perf_counter()
    for _ in range(count):
        step()
    return {"ms": 1000 * (time.perf_counter() - began)}


def answer(request):
    try:
        if "prepare" in request:
            return prepare(request["prepare"])
        return measure(request["case"], request["steps"])
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


steps = {}
omp, blas = (int(os.environ.get(f"{pool}_NUM_THREADS", "1")) for pool in ("OMP", "OPENBLAS"))
torch.set_num_threads(omp)
versions = {"torch": torch.__version__, "python": platform.python_version()}
device = os.environ.get("BENCH_DEVICE", "cpu")
if device == "cuda":
    if not torch.cuda.is_available():
        sys.exit("PyTorch finds no graphics processor here")
    torch.set_default_device(device)
    versions["cuda"] = torch.cuda.get_device_name()
print(json.dumps({"cases": list(CASES), "versions": versions, "threads": max(omp, blas)}), flush=True)
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
