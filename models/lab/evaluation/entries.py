"""What an evaluation needs of a model, and how one is opened by its name.

A name is either one of the registry's or `family:name`, for what runs outside of it: a family is a
module that has the functions of `Family` and a line in `_FAMILIES`.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from contract.manifest import Abstention, ModelTask, Sentiment
from edge.scene import Detection, Detector, Image
from edge.vision.adapters import load_detector, load_expression_reader
from edge.vision.crops import face_crop
from edge.vision.expression import ExpressionOutputs, OnnxExpressionReader
from edge.vision.registry import ModelRegistry
from models.lab.evaluation.errors import ModelUnfit

_FAMILIES: Mapping[str, str] = MappingProxyType({"deepface": "models.lab.deepface.entries"})


class ExpressionModel(Protocol):
    """Anything that reads expressions off squares with one face each."""

    @property
    def name(self) -> str:
        """The name that reports show."""

    @property
    def sha256(self) -> str:
        """Digest of the weights, as in their manifest; "" where there is none."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The outputs' labels, in order."""

    @property
    def sentiment(self) -> Mapping[str, Sentiment]:
        """What each label counts as."""

    @property
    def abstention(self) -> Abstention:
        """When the product drops a reading of this model; `Abstention()` where it never does."""

    @property
    def minimum_face_px(self) -> float:
        """The width below which the product reads no face; 0 where it reads all."""

    def crop(self, image: Image, face: Detection) -> Image:
        """Return the square that the model wants of a face; it may lack landmarks."""

    def outputs(self, crops: Sequence[Image]) -> ExpressionOutputs:
        """Return what the model says of squares that show one face each, BGR and of any size.

        They come from `crop`, or are pictures that were face squares from the start.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceModel:
    """A face detector, by the name that reports show, and the digest of its weights."""

    name: str
    detector: Detector
    sha256: str = ""


class FamilyDetector(Detector, Protocol):
    """A face detector of a family, which tells the digest of its weights."""

    @property
    def sha256(self) -> str:
        """Digest of the weights; "" where there is none."""


class Family(Protocol):
    """A module that opens models which are not in the registry."""

    def open_expression_model(self, name: str) -> ExpressionModel:
        """Return the expression model `name` of this family; raise ModelUnfit."""

    def open_face_detector(self, name: str) -> FamilyDetector:
        """Return the face detector `name` of this family; raise ModelUnfit."""

    def task(self, name: str) -> ModelTask:
        """Return what `name` is for; raise ModelUnfit that lists this family's names."""


class RegistryExpressionModel:
    """An expression model of the registry."""

    def __init__(self, reader: OnnxExpressionReader) -> None:
        manifest = reader.manifest
        self._reader = reader
        self.name = manifest.name
        self.sha256 = manifest.sha256
        self.labels = manifest.labels
        self.sentiment = manifest.sentiment
        self.abstention = manifest.abstention
        self.minimum_face_px = manifest.minimum_face_px

    def crop(self, image: Image, face: Detection) -> Image:
        """Return what the device would show the model of the face."""
        return face_crop(image, face, self._reader.manifest)

    def outputs(self, crops: Sequence[Image]) -> ExpressionOutputs:
        """Return what the model says of the crops."""
        return self._reader.outputs(crops)


def open_expression_model(
    registry: ModelRegistry, name: str, *, threads: int = 1
) -> ExpressionModel:
    """Return the model called `name`; raise ModelUnfit, ModelMissing or ModelInvalid."""
    family, _, rest = name.rpartition(":")
    if family:
        return _family(family, name).open_expression_model(rest)
    reader = load_expression_reader(registry, name, threads=threads)
    if reader is None:
        raise ModelUnfit(f"no model is called {name}")
    return RegistryExpressionModel(reader)


def open_face_model(registry: ModelRegistry, name: str, *, threads: int = 1) -> FaceModel:
    """Return the face detector called `name`; raise ModelUnfit, ModelMissing or ModelInvalid."""
    family, _, rest = name.rpartition(":")
    if family:
        opened = _family(family, name).open_face_detector(rest)
        return FaceModel(name=name, detector=opened, sha256=opened.sha256)
    detector = load_detector(registry, name, threads=threads)
    manifest = registry.status(registry.find(name)).manifest
    return FaceModel(name=name, detector=detector, sha256=manifest.sha256)


def task_of(registry: ModelRegistry, name: str) -> ModelTask:
    """Return what the model called `name` is for; raise ModelUnfit or ModelMissing."""
    family, _, rest = name.rpartition(":")
    if family:
        return _family(family, name).task(rest)
    return registry.find(name).task


def _family(family: str, name: str) -> Family:
    if family not in _FAMILIES:
        known = ", ".join(_FAMILIES) or "none"
        raise ModelUnfit(f"model {name}: no family is called {family}; known: {known}")
    module: Family = importlib.import_module(_FAMILIES[family])
    return module
