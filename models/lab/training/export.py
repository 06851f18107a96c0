"""Writes trained nets as ONNX: calibrated, in float and in int8, with values to compare by."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnxruntime import quantization
from onnxruntime.quantization import shape_inference
from torch import Tensor, nn
from torch.nn import functional

from models.lab.evaluation.errors import ModelUnfit
from models.lab.splits import Part
from models.lab.training import expression
from models.lab.training import faces as face_training
from models.lab.training.camera import SIDE_PX, crops, photographed
from models.lab.training.expression import Collection
from models.lab.training.own import PRODUCT
from models.lab.training.photographs import Material, photographs
from models.lab.training.pictures import LABELS, Pictures
from models.lab.training.runs import random_source
from models.lab.training.scenes import SceneMaker

Floats = NDArray[np.float32]

_OPSET = 17
_CALIBRATION_BATCHES = 40

NEUTRAL = 1
NEUTRAL_RECALL = 0.88
"""Share of neutral faces that shall be told as such, of pictures that nothing was trained on."""

_PRIOR = 0.3
_FIRST = ("/features.0/", "/features.1/")  # the first convolution and what follows it
_MAJORITY = 0.5
_CALIBRATION = "calibration"  # names a file's words on it
_TIE = 1e-4  # lifts neutral just above whatever was as probable


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What makes logits probabilities: a temperature to divide by, and a bias for each class."""

    label_temperature: float = 1.0
    label_bias: tuple[float, ...] = (0.0,) * len(LABELS)
    sentiment_temperature: float = 1.0
    sentiment_bias: tuple[float, ...] = (0.0,) * 3


_NONE = Calibration()


class CalibratedExpressions(nn.Module):
    """The expression net with probabilities as outputs: labels, sentiments, legibility."""

    def __init__(self, net: nn.Module, calibration: Calibration) -> None:
        super().__init__()
        self._net = net
        self._calibration = calibration
        self.register_buffer("_label_bias", torch.tensor(calibration.label_bias))
        self.register_buffer("_sentiment_bias", torch.tensor(calibration.sentiment_bias))

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return probabilities [n, 7] and [n, 3], and the legibility [n, 1]."""
        labels, sentiments, legibility = self._net(pictures)
        labels = labels / self._calibration.label_temperature + self._label_bias
        sentiments = sentiments / self._calibration.sentiment_temperature + self._sentiment_bias
        return labels.softmax(1), sentiments.softmax(1), legibility.sigmoid()


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


def calibrate(
    net: nn.Module, parts: Sequence[Pictures], before: Calibration = _NONE
) -> Calibration:
    """Return what minimises the log loss on pictures that nothing was trained on.

    Temperature scaling (Guo et al. 2017), for the labels with a bias each (Alexandari et al. 2020).
    Sentiments are fitted to what most people saw, where that is settled. Biases of their own would
    fit how often they occur in these collections: half of FER2013 is negative, and at a counter
    hardly anyone is. Instead neutral alone is favoured, as far as it takes that NEUTRAL_RECALL of
    the neutral faces of each collection are told, by votes and by labels, and not less than
    `before`. All collections weigh the same.

    `before` is the calibration of the net that this one goes on from: a few pictures of one's own
    change it little.
    """
    heads = [expression.predict(net, part) for part in parts]
    truths = [torch.from_numpy(part.labels) for part in parts]
    label_temperature, label_bias = _fit(
        [head[0] for head in heads],
        truths,
        (before.label_temperature, before.label_bias),
        biased=True,
    )
    logits, thirds = [], []
    for head, part in zip(heads, parts, strict=True):
        seen = expression.grouped(torch.from_numpy(part.targets))
        clear = (seen.max(dim=1).values > _MAJORITY) & torch.from_numpy(part.is_settled)
        if clear.any():
            logits.append(head[1][clear])
            thirds.append(seen[clear].argmax(dim=1))
    sentiment_temperature = before.sentiment_temperature
    if logits:
        sentiment_temperature, _ = _fit(
            logits, thirds, (sentiment_temperature, (0.0,) * 3), biased=False
        )
    # Labels count here, too: whose eyes are right, one annotator's or the voters', is open.
    told = [*zip(logits, thirds, strict=True)]
    for head, truth in zip(heads, truths, strict=True):
        told.append((head[1], expression.SENTIMENT_OF[truth]))
    needed = (neutral_favour(logit / sentiment_temperature, truth) for logit, truth in told)
    favour = max([before.sentiment_bias[NEUTRAL], *needed])
    return Calibration(
        label_temperature=label_temperature,
        label_bias=label_bias,
        sentiment_temperature=sentiment_temperature,
        sentiment_bias=(0.0, favour, 0.0),
    )


def neutral_favour(logits: Tensor, thirds: Tensor) -> float:
    """Return the least that, added to neutral's logit, has NEUTRAL_RECALL of `thirds` told; or 0.

    A neutral face told as negative wrongs whoever stands at the counter; one negative face less
    among thousands moves no average.
    """
    neutral = logits[thirds == NEUTRAL]
    others = neutral.clone()
    others[:, NEUTRAL] = -torch.inf
    lacking = (others.max(dim=1).values - neutral[:, NEUTRAL]).sort().values
    if not len(lacking):
        return 0.0
    told = math.ceil(NEUTRAL_RECALL * len(lacking))
    return max(0.0, lacking[told - 1].item() + _TIE)


def _fit(
    logits: Sequence[Tensor],
    truths: Sequence[Tensor],
    before: tuple[float, tuple[float, ...]],
    *,
    biased: bool,
) -> tuple[float, tuple[float, ...]]:
    """Return temperature and biases of the highest posterior probability.

    The prior of the temperature's logarithm and of each bias is a normal of _PRIOR around those
    `before`: thousands of pictures overrule it, and with a few dozen no class is ruled out for
    being absent.
    """
    expected = torch.tensor([math.log(before[0]), *before[1]])
    logarithm = expected[:1].clone().requires_grad_()
    bias = expected[1:].clone().requires_grad_()
    optimiser = torch.optim.LBFGS([logarithm, bias] if biased else [logarithm], max_iter=200)
    pictures = sum(len(truth) for truth in truths)

    def step() -> Tensor:
        optimiser.zero_grad()
        loss = torch.stack(
            [
                functional.cross_entropy(part / logarithm.exp() + bias, truth)
                for part, truth in zip(logits, truths, strict=True)
            ]
        ).mean()
        prior = ((torch.cat([logarithm, bias]) - expected) ** 2).sum() / (2 * _PRIOR**2)
        loss = loss + prior / pictures
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimiser.step(step)  # type: ignore[arg-type]
    with torch.no_grad():
        return logarithm.exp().item(), tuple((bias - bias.mean()).tolist())


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


def _note_calibration(path: Path, calibration: Calibration) -> None:
    """Keep the calibration in the file as words, too: the graph has it folded in."""
    model = onnx.load(str(path))
    onnx.helper.set_model_props(model, {_CALIBRATION: msgspec.json.encode(calibration).decode()})
    onnx.save(model, str(path))


def read_calibration(path: Path) -> Calibration:
    """Return the calibration that an exported expression model has; raise ModelUnfit without."""
    noted = {entry.key: entry.value for entry in onnx.load(str(path)).metadata_props}
    if _CALIBRATION not in noted:
        raise ModelUnfit(f"{path} does not say how it was calibrated: go on from another file")
    return msgspec.json.decode(noted[_CALIBRATION], type=Calibration)


class Samples(quantization.CalibrationDataReader):  # type: ignore[misc]
    """Inputs by which the range of each activation is measured."""

    def __init__(self, samples: Iterator[Floats]) -> None:
        self._samples = samples

    def get_next(self) -> dict[str, Floats] | None:
        """Return the next input, None at the end."""
        sample = next(self._samples, None)
        return None if sample is None else {"input": sample}


def write_int8(path: Path, target: Path, samples: Iterator[Floats], *, keep: Sequence[str]) -> None:
    """Quantise the nodes of `path` but for those to `keep`: statically, weights by channel."""
    with TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.onnx"
        shape_inference.quant_pre_process(str(path), str(prepared), skip_symbolic_shape=True)
        quantization.quantize_static(
            str(prepared),
            str(target),
            Samples(samples),
            quant_format=quantization.QuantFormat.QDQ,
            per_channel=True,
            # Seven bits: processors without VNNI add two products in 16 bits, and would overflow.
            reduce_range=True,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
            op_types_to_quantize=["Conv", "Add", "Relu"],
            nodes_to_exclude=list(keep),
            calibrate_method=quantization.CalibrationMethod.Percentile,
            extra_options={"CalibPercentile": 99.999, "ActivationSymmetric": False},
        )


def write_parity(net: nn.Module, example: Tensor, path: Path, names: Sequence[str]) -> None:
    """Write one input and PyTorch's outputs for it, for an ONNX file to be held against."""
    with torch.no_grad():
        outputs = dict(zip(names, net.eval()(example), strict=True))
    arrays = {"input": example.numpy()} | {name: out.numpy() for name, out in outputs.items()}
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]


def export_expression(
    run: Path,
    collections: Sequence[Collection],
    out: Path,
    *,
    name: str = PRODUCT,
    start: Path | None = None,
) -> list[Path]:
    """Write what a run trained, calibrated on the calibration parts, in float and in int8.

    `start` is the exported model that it went on from. Return both files, NAME-expression.onnx and
    NAME-expression-int8.onnx in `out`.
    """
    net = expression.ExpressionNet(expression.STUDENT)
    net.load_state_dict(torch.load(run / expression.TRAINED))
    parts = [collection.parts for collection in collections]
    before = read_calibration(start) if start else _NONE
    calibration = calibrate(net.eval(), [part[Part.CALIBRATION] for part in parts], before)
    model = CalibratedExpressions(net, calibration).eval()
    names = ("labels", "sentiments", "legibility")
    example = torch.rand(3, 1, SIDE_PX, SIDE_PX, generator=torch.Generator().manual_seed(0))
    path, small = out / f"{name}-expression.onnx", out / f"{name}-expression-int8.onnx"
    write_onnx(model, example, path, names=names, free={0: "n"})
    _note_calibration(path, calibration)
    write_parity(model, example, path.with_suffix(".parity.npz"), names)
    samples = _face_samples([part[Part.TRAINING] for part in parts])
    # The picture's spread and the heads' logits: eight bits are too few for them. And the first
    # convolution, which has a single channel: it would be four times slower.
    exact = _nodes(
        path, lambda name: "/features/" not in name or any(part in name for part in _FIRST)
    )
    write_int8(path, small, samples, keep=exact)
    return [path, small]


def export_detector(
    run: Path, folders: Mapping[Path, Path], out: Path, *, name: str = PRODUCT
) -> list[Path]:
    """Write the detector of a run, in float and in int8.

    Return both files, NAME-face.onnx and NAME-face-int8.onnx in `out`.
    """
    net = face_training.FaceNet(face_training.REFINED)
    net.load_state_dict(_average(run / "centred"))
    model = LaidOutFaces(net).eval()
    names = [f"{kind}_{s}" for kind in ("cls", "obj", "bbox", "kps") for s in (8, 16, 32)]
    example = torch.rand(1, 1, 96, 128, generator=torch.Generator().manual_seed(0)) * 255
    path, small = out / f"{name}-face.onnx", out / f"{name}-face-int8.onnx"
    write_onnx(model, example, path, names=names, free={0: "n", 2: "height", 3: "width"})
    write_parity(model, example, path.with_suffix(".parity.npz"), names)
    exact = _nodes(path, lambda name: "/outputs." in name)  # scores, boxes and points
    write_int8(path, small, _scene_samples(folders), keep=exact)
    return [path, small]


def _average(run: Path) -> dict[str, Tensor]:
    state = torch.load(run / "checkpoint.pt", weights_only=False)
    average: dict[str, Tensor] = state["average"]
    return average


def _face_samples(parts: Sequence[Pictures]) -> Iterator[Floats]:
    """Yield batches of faces as the camera shows them, of each collection in turn."""
    torch.manual_seed(0)
    random = random_source(0, 0)
    for _ in range(_CALIBRATION_BATCHES):
        for part in parts:
            chosen = random.choice(len(part), 32)
            squares = torch.from_numpy(part.squares[chosen])
            yield photographed(crops(squares, part.zoom, moved=True)).numpy()


def _scene_samples(folders: Mapping[Path, Path]) -> Iterator[Floats]:
    known = [p for f, faces in folders.items() for p in photographs(f, Part.TRAINING, faces)]
    maker = SceneMaker(Material(photographs=known, empty=[], frames=[]), random_source(0, 0))
    for _ in range(_CALIBRATION_BATCHES * 4):
        yield maker.make().image[None, None].astype(np.float32)


def _nodes(path: Path, chosen: Callable[[str], bool]) -> list[str]:
    return [node.name for node in onnx.load(str(path)).graph.node if chosen(node.name)]
