"""The manifest that travels with every model: what it is, how to feed it, what it is for."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

from contract.errors import ManifestError

LANDMARKS = 5
"""Right eye, left eye, nose tip, right and left corner of the mouth, right being the subject's."""

Point: TypeAlias = tuple[float, float]


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

    So a unit reads the manifests of a newer server as long as they need nothing new.
    """


class ModelInput(_Strict, frozen=True, kw_only=True):
    """How pixels become the input tensor: value = (pixel - mean) * scale, per channel."""

    width_px: Annotated[int, Meta(ge=0)] = 0
    height_px: Annotated[int, Meta(ge=0)] = 0
    multiple_of_px: Annotated[int, Meta(ge=1)] = 1
    colour: ColourOrder
    mean: tuple[float, ...] = (0.0,)
    scale: float | tuple[float, ...] = 1.0
    channels_first: bool = True


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
    value: float
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
    maximum_turn: Annotated[float, Meta(gt=0)] | None = None


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

    name: str
    task: ModelTask
    adapter: str
    file: str
    sha256: Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")] = ""
    git_blob: Annotated[str, Meta(pattern="^([0-9a-f]{40})?$")] = ""
    input: ModelInput
    source: ModelSource
    summary: str = ""
    score_threshold: Annotated[float, Meta(ge=0, le=1)] = 0.5
    iou_threshold: Annotated[float, Meta(ge=0, le=1)] = 0.3
    crop_margin: float = 0.15
    alignment: tuple[Point, ...] = ()
    minimum_face_px: Annotated[float, Meta(ge=0)] = 0.0
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

    Raises ManifestError naming file and field.
    """
    decode = msgspec.json.decode if path.suffix == ".json" else msgspec.toml.decode
    try:
        manifest = decode(path.read_bytes(), type=ModelManifest)
    except OSError as error:
        raise ManifestError(f"manifest {path} cannot be read: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ManifestError(f"manifest {path}: {error}") from error
    return check_manifest(manifest, f"manifest {path}")


def check_manifest(manifest: ModelManifest, where: str) -> ModelManifest:
    """Return `manifest`; raise ManifestError, which names `where`, if it contradicts itself."""
    if len(manifest.alignment) not in {0, LANDMARKS}:
        raise ManifestError(
            f"{where}: alignment has {len(manifest.alignment)} points instead of "
            f"{LANDMARKS}, one for each landmark"
        )
    unmapped = sorted(set(manifest.labels) ^ set(manifest.sentiment))
    if unmapped:
        raise ManifestError(f"{where}: labels without a sentiment or back: {unmapped}")
    return manifest
