"""Reads exported weights back, to go on from: a few hundred pictures of one's own then suffice."""

from __future__ import annotations

from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from models.lab.evaluation.errors import ModelUnfit

_ROOT = "_net"  # where exported modules keep the net
_EPSILON = 1e-5  # PyTorch's default, which its batch normalisations add to the variance
_COUNTER = "num_batches_tracked"  # tells nothing, and no export has it


def load_exported(net: nn.Module, path: Path) -> None:
    """Give `net` the weights of an ONNX file that it was exported to.

    The export folded each normalisation into the convolution before it. So each becomes what then
    is left of it, a bias; `frozen` keeps it so. Raises ModelUnfit where the file is of another net.
    """
    graph = onnx.load(str(path)).graph
    arrays = {
        tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy())
        for tensor in graph.initializer
    }
    for node in graph.node:  # equal arrays are written once
        if node.op_type == "Identity" and node.input[0] in arrays:
            arrays[node.output[0]] = arrays[node.input[0]]
    own = net.state_dict()
    state = {name: value for name, value in own.items() if name.endswith(_COUNTER)}
    state |= {
        name.removeprefix(f"{_ROOT}."): array
        for name, array in arrays.items()
        if name.startswith(f"{_ROOT}.")
    }
    for node in graph.node:
        if node.op_type == "Conv":
            weight, bias = (arrays[name] for name in node.input[1:])
            path_in_net = _module_path(node.name)
            if f"{path_in_net}.bias" in own:  # it has no normalisation after it
                state |= {f"{path_in_net}.weight": weight, f"{path_in_net}.bias": bias}
            else:
                state |= _folded(path_in_net, weight, bias)
    try:
        net.load_state_dict(state)
    except RuntimeError as error:
        raise ModelUnfit(f"{path} was not exported from a {type(net).__name__}") from error


def frozen(net: nn.Module) -> None:
    """Keep a net's normalisations as they are in training: batches do not change them."""
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()


def _folded(path: str, weight: Tensor, bias: Tensor) -> dict[str, Tensor]:
    """Return the state of a convolution and of the normalisation after it."""
    parent, _, position = path.rpartition(".")
    after = f"{parent}.{int(position) + 1}"
    return {
        f"{path}.weight": weight,
        f"{after}.weight": torch.ones_like(bias),
        f"{after}.bias": bias,
        f"{after}.running_mean": torch.zeros_like(bias),
        f"{after}.running_var": torch.full_like(bias, 1 - _EPSILON),
    }


def _module_path(node: str) -> str:
    """Return the module that wrote a node, of which children with numbers repeat their parent.

    It is features.4.first.0 for /_net/features/features.4/first/first.0/Conv.
    """
    path: list[str] = []
    for part in node.removeprefix(f"/{_ROOT}/").split("/")[:-1]:
        if path and part.startswith(f"{path[-1]}."):
            path.pop()
        path.append(part)
    return ".".join(path)
