"""Writes trained nets as ONNX files: calibrated, in float and in int8, with values to compare by.

    python -m models.training.export expression --run DIR --fer2013 NPZ --faces DIR --out DIR
    python -m models.training.export faces --run DIR --faces DIR --out DIR
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnxruntime import quantization
from onnxruntime.quantization import shape_inference
from torch import Tensor, nn
from torch.nn import functional

from models.splits import Part
from models.training import expression, faces
from models.training.camera import crops, photographed
from models.training.pictures import Pictures, fer2013, labelled_folder
from models.training.runs import random_source
from models.training.scenes import Material, SceneMaker, photographs

Floats = NDArray[np.float32]

_OPSET = 17
_CALIBRATION_BATCHES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What makes logits probabilities: divide by a temperature, add one bias a sentiment."""

    label_temperature: float
    sentiment_temperature: float
    sentiment_bias: tuple[float, float, float]


class CalibratedExpressions(nn.Module):
    """The expression net with probabilities as outputs: labels, sentiments, legibility."""

    def __init__(self, net: nn.Module, calibration: Calibration) -> None:
        super().__init__()
        self._net = net
        self._calibration = calibration
        self.register_buffer("_bias", torch.tensor(calibration.sentiment_bias))

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return probabilities [n, 7] and [n, 3], and the legibility [n, 1]."""
        labels, sentiments, legibility = self._net(pictures)
        return (
            (labels / self._calibration.label_temperature).softmax(1),
            (sentiments / self._calibration.sentiment_temperature + self._bias).softmax(1),
            legibility.sigmoid(),
        )


class LaidOutFaces(nn.Module):
    """The face net with the twelve outputs of YuNet's layout.

    That layout's score is the root of two factors; both are the one score here.
    """

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self._net = net

    def forward(self, pictures: Tensor) -> tuple[Tensor, ...]:
        """Return cls, obj, bbox and kps, each for the strides 8, 16 and 32."""
        levels = self._net(pictures)
        scores = tuple(level[..., :1].sigmoid() for level in levels)
        boxes = tuple(level[..., 1:5] for level in levels)
        points = tuple(level[..., 5:] for level in levels)
        return scores + tuple(score * 1.0 for score in scores) + boxes + points


def calibrate(net: nn.Module, parts: Sequence[Pictures]) -> Calibration:
    """Return what minimises the log loss on pictures that nothing was trained on.

    Temperature scaling (Guo et al. 2017), for the sentiments with a bias for each (Alexandari et
    al. 2020). Both collections weigh the same.
    """
    heads = [expression.predict(net, part) for part in parts]
    truths = [torch.from_numpy(part.labels) for part in parts]
    thirds = [expression.SENTIMENT_OF[truth] for truth in truths]
    temperature, _ = _fit([head[0] for head in heads], truths, biased=False)
    sentiment, bias = _fit([head[1] for head in heads], thirds, biased=True)
    return Calibration(
        label_temperature=temperature, sentiment_temperature=sentiment, sentiment_bias=bias
    )


def _fit(
    logits: Sequence[Tensor], truths: Sequence[Tensor], *, biased: bool
) -> tuple[float, tuple[float, float, float]]:
    logarithm = torch.zeros(1, requires_grad=True)
    bias = torch.zeros(logits[0].shape[1], requires_grad=True)
    optimiser = torch.optim.LBFGS([logarithm, bias] if biased else [logarithm], max_iter=200)

    def step() -> Tensor:
        optimiser.zero_grad()
        loss = torch.stack(
            [
                functional.cross_entropy(part / logarithm.exp() + bias, truth)
                for part, truth in zip(logits, truths, strict=True)
            ]
        ).mean()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimiser.step(step)  # type: ignore[arg-type]
    values = (bias - bias.mean()).tolist()
    return float(logarithm.exp()), (values[0], values[1], values[2])


def write_onnx(
    net: nn.Module, example: Tensor, path: Path, *, names: Sequence[str], free: dict[int, str]
) -> None:
    """Write `net` for inputs like `example`, whose axes in `free` may have any size."""
    axes = {"input": free} | {name: {0: "n"} for name in names}
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            net.eval(),
            (example,),
            str(path),
            input_names=["input"],
            output_names=list(names),
            dynamic_axes=axes,
            opset_version=_OPSET,
            dynamo=False,
        )


class Samples(quantization.CalibrationDataReader):  # type: ignore[misc]
    """Inputs by which the range of each activation is measured."""

    def __init__(self, samples: Iterator[Floats]) -> None:
        self._samples = samples

    def get_next(self) -> dict[str, Floats] | None:
        """Return the next input, None at the end."""
        sample = next(self._samples, None)
        return None if sample is None else {"input": sample}


def write_int8(path: Path, target: Path, samples: Iterator[Floats], *, keep: Sequence[str]) -> None:
    """Quantise the convolutions of `path` statically, channel by channel, but for those to `keep`."""
    with TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.onnx"
        shape_inference.quant_pre_process(str(path), str(prepared), skip_symbolic_shape=True)
        quantization.quantize_static(
            str(prepared),
            str(target),
            Samples(samples),
            quant_format=quantization.QuantFormat.QDQ,
            per_channel=True,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
            op_types_to_quantize=["Conv", "Add", "Relu"],
            nodes_to_exclude=list(keep),
            calibrate_method=quantization.CalibrationMethod.Percentile,
            extra_options={"CalibPercentile": 99.99, "ActivationSymmetric": False},
        )


def first_and_last(path: Path, last: Sequence[str]) -> list[str]:
    """Return the names of nodes that stay in float: all that are not under the given prefixes."""
    graph = onnx.load(str(path)).graph
    return [node.name for node in graph.node if any(part in node.name for part in last)]
