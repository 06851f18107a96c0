"""The manifest that travels with every model: what it is, how to feed it, what it is for."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

from contract.errors import ManifestError
from contract.names import ModelName, WeightsFile

LANDMARKS = 5
"""Right eye, left eye, nose tip, right and left corner of the mouth, right being the subject's."""

LARGEST_SIDE_PX = 2048
"""Of a model's input: a device holds several pictures of that size in memory."""

LARGEST_MULTIPLE_PX = 256
"""Of a free input size: strides of detectors are 32 or 64, and a small frame is rounded up."""

_Finite = Annotated[float, Meta(ge=-sys.float_info.max, le=sys.float_info.max)]
_SidePx = Annotated[int, Meta(ge=0, le=LARGEST_SIDE_PX)]
# An aligned face may reach beyond the input, but not far.
_CoordinatePx = Annotated[float, Meta(ge=-LARGEST_SIDE_PX, le=2 * LARGEST_SIDE_PX)]
# Pixels are 0..255 and what models expect is near 0..1 or 0..255: far beyond is a slip of the pen.
_Mean = Annotated[float, Meta(ge=-1000, le=1000)]
_Scale = Annotated[float, Meta(ge=-1000, le=1000)]
_SMALLEST_SCALE = 1e-6

# Words that stand for no model where the settings name one.
_RESERVED_NAMES = ("auto", "none")
# The smallest area, in square pixels, between the line of the eyes and the one down to the mouth.
_SMALLEST_ALIGNMENT_PX2 = 1.0

Point: TypeAlias = tuple[_CoordinatePx, _CoordinatePx]


class ModelTask(StrEnum):
    """What a model is for."""

    FACE_DETECTION = "face_detection"
    PERSON_DETECTION = "person_detection"
    EXPRESSION = "expression"


class ColourOrder(StrEnum):
    """Channel order of a model's input."""

    BGR = "bgr"
    RGB = "rgb"
    GREY = "grey"


class Sentiment(StrEnum):
    """The three-way measure that Motcua reports."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class _Strict(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """A field that this release does not know is refused; one at its default is not written.

    So a device reads the manifests of a newer server as long as they need nothing new.
    """


class ModelInput(_Strict, frozen=True, kw_only=True):
    """How pixels become the input tensor: value = (pixel - mean) * scale, per channel.

    `mean` and `scale` have one value for all channels, or one for each. Width and height are 0
    where any size will do that is a multiple of `multiple_of_px`.
    """

    width_px: _SidePx = 0
    height_px: _SidePx = 0
    multiple_of_px: Annotated[int, Meta(ge=1, le=LARGEST_MULTIPLE_PX)] = 1
    colour: ColourOrder
    mean: tuple[_Mean, ...] = (0.0,)
    scale: _Scale | tuple[_Scale, ...] = 1.0
    channels_first: bool = True

    @property
    def channels(self) -> int:
        """How many values there are for each pixel."""
        return 1 if self.colour is ColourOrder.GREY else 3


class ModelSource(_Strict, frozen=True, kw_only=True):
    """Where the weights come from and under which terms."""

    origin: str
    licence: str
    trained_on: str
    training_data_terms: str = ""


class ModelDownload(_Strict, frozen=True, kw_only=True):
    """Where the official file is offered, for weights that do not travel with the product."""

    address: Annotated[str, Meta(pattern="^https://")]
    size_bytes: Annotated[int, Meta(gt=0)] | None = None


class Measurement(_Strict, frozen=True, kw_only=True):
    """One measured figure: what, on which data, and the command that measures it again."""

    figure: str
    value: _Finite
    data: str
    command: str


class Precision(StrEnum):
    """Number format of a model's weights and activations."""

    FLOAT32 = "float32"
    INT8 = "int8"


class Abstention(_Strict, frozen=True, kw_only=True):
    """When an expression is not told: a reading below one of these limits is dropped.

    `legibility` (0..1) is the model's own output where it has one, and `turn` the sideways offset
    of the nose from the middle of the eyes, in distances between the eyes.
    """

    minimum_legibility: Annotated[float, Meta(ge=0, le=1)] = 0.0
    maximum_turn: Annotated[float, Meta(gt=0, le=100)] | None = None


class ModelManifest(_Strict, frozen=True, kw_only=True):
    """One model; `adapter` names the code that reads its tensors.

    `sha256` is that of `file`. Where its authors give none, `git_blob` is the name that their git
    has for it (the SHA-1 of a header and the content); where there is neither, the person who
    vouches for a file writes its SHA-256 into FILE.sha256 beside it.

    `labels` are the outputs in order, and `sentiment` maps each label to negative, neutral or
    positive: probabilities of the labels of one group are summed. `preference_on` replaces
    `preference` on machines of one architecture (x86_64, aarch64): int8 pays on some only.

    `alignment` is where the model wants a face's five landmarks, in pixels of its input: such a
    face is turned and scaled onto them. Without it, or without landmarks, the model sees an upright
    square around the face's box, longer than it by `crop_margin` at both ends.
    """

    name: ModelName
    task: ModelTask
    adapter: str
    file: WeightsFile
    sha256: Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")] = ""
    git_blob: Annotated[str, Meta(pattern="^([0-9a-f]{40})?$")] = ""
    input: ModelInput
    source: ModelSource
    summary: str = ""
    score_threshold: Annotated[float, Meta(ge=0, le=1)] = 0.5
    iou_threshold: Annotated[float, Meta(ge=0, le=1)] = 0.3
    crop_margin: Annotated[float, Meta(ge=-0.25, le=1)] = 0.15
    alignment: tuple[Point, ...] = ()
    minimum_face_px: Annotated[float, Meta(ge=0, le=LARGEST_SIDE_PX)] = 0.0
    abstention: Abstention = Abstention()
    labels: tuple[str, ...] = ()
    sentiment: dict[str, Sentiment] = {}
    intended_use: str = ""
    forbidden_use: str = ""
    precision: Precision = Precision.FLOAT32
    preference: Annotated[int, Meta(description="Among usable models the highest is chosen.")] = 0
    preference_on: dict[str, int] = {}
    download: ModelDownload | None = None
    measured: tuple[Measurement, ...] = ()


def read_manifest(path: Path) -> ModelManifest:
    """Return the manifest in `path`, TOML or, where it ends in .json, JSON.

    A byte order mark, which editors on Windows write, is no part of it. Raises ManifestError
    naming file and field.
    """
    decode = msgspec.json.decode if path.suffix == ".json" else msgspec.toml.decode
    try:
        content = path.read_bytes().removeprefix(codecs.BOM_UTF8)
        manifest = decode(content, type=ModelManifest)
    except OSError as error:
        raise ManifestError(f"manifest {path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:  # msgspec's own are ValueErrors
        raise ManifestError(f"manifest {path}: {error}") from error
    return check_manifest(manifest, f"manifest {path}")


def check_manifest(manifest: ModelManifest, where: str) -> ModelManifest:
    """Return `manifest`; raise ManifestError, which names `where`, if it contradicts itself."""
    for problem in _problems(manifest):
        raise ManifestError(f"{where}: {problem}")
    return manifest


def _problems(manifest: ModelManifest) -> Iterator[str]:
    """Yield what no single field's type can tell to be wrong, each with the field's name."""
    if manifest.name in _RESERVED_NAMES:
        yield f'name is "{manifest.name}", which is no model\'s name in the settings; take another'
    yield from _size_problems(manifest)
    yield from _channel_problems(manifest.input)
    yield from _alignment_problems(manifest.alignment)
    unmapped = sorted(set(manifest.labels) ^ set(manifest.sentiment))
    if unmapped:
        yield f"labels without a sentiment or back: {unmapped}"


def _size_problems(manifest: ModelManifest) -> Iterator[str]:
    width_px, height_px = manifest.input.width_px, manifest.input.height_px
    given = f"input.width_px and input.height_px are {width_px} and {height_px}"
    if manifest.task is ModelTask.EXPRESSION and not 0 < width_px == height_px:
        yield f"{given}: an expression model sees squares, so give one size for both"
    if bool(width_px) is not bool(height_px):
        yield f"{given}: give both, or neither where any size will do"


def _channel_problems(spec: ModelInput) -> Iterator[str]:
    scales = spec.scale if isinstance(spec.scale, tuple) else (spec.scale,)
    for field, values in (("input.mean", spec.mean), ("input.scale", scales)):
        if len(values) not in {1, spec.channels}:
            allowed = "1" if spec.channels == 1 else f"1 or {spec.channels}"
            yield f"{field} has {len(values)} values instead of {allowed}, as {spec.colour} has"
    for scale in scales:
        if abs(scale) < _SMALLEST_SCALE:
            yield f"input.scale is {scale:g}: the model would see nothing"


def _alignment_problems(points: tuple[Point, ...]) -> Iterator[str]:
    if not points:
        return
    if len(points) != LANDMARKS:
        yield (f"alignment has {len(points)} points instead of {LANDMARKS}, one for each landmark")
    elif _area_px2(points) < _SMALLEST_ALIGNMENT_PX2:
        yield (
            "alignment is no face: the points are right eye, left eye, nose, right and left corner "
            "of the mouth, the subject's right being left in the picture"
        )


def _area_px2(points: tuple[Point, ...]) -> float:
    """Return the area between the line of the eyes and the one from them down to the mouth.

    It is 0 for points on one line and negative for a face that is mirrored.
    """
    right, left, _, mouth_right, mouth_left = points
    eyes_x, eyes_y = left[0] - right[0], left[1] - right[1]
    down_x = (mouth_right[0] + mouth_left[0] - right[0] - left[0]) / 2
    down_y = (mouth_right[1] + mouth_left[1] - right[1] - left[1]) / 2
    return eyes_x * down_y - eyes_y * down_x
