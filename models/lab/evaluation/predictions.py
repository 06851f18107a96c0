"""Shows labelled faces to models, under every condition, and keeps what they predict."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from edge.scene import Image
from edge.vision.expression import ExpressionOutputs, turn
from models.lab.evaluation.conditions import ImageCondition
from models.lab.evaluation.entries import ExpressionModel
from models.lab.evaluation.errors import NothingUsable
from models.lab.evaluation.faces import Face, FaceSource, UnusablePicture
from models.lab.evaluation.metrics import Array, Indices

_AT_ONCE = 64  # pictures held in memory


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceFacts:
    """What a figure needs to know of a face once its pixels are gone; `turn` is None unmarked."""

    file: str
    labels: Mapping[str, str]
    person: str
    brightness: float
    width_px: float
    turn: float | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Predictions:
    """One model's outputs under one condition for the faces numbered in `at`."""

    at: Indices
    labels: Array
    sentiments: Array
    legibility: Array

    def __getitem__(self, chosen: NDArray[np.bool_]) -> Predictions:
        """Return those of some of the faces."""
        return Predictions(
            at=self.at[chosen],
            labels=self.labels[chosen],
            sentiments=self.sentiments[chosen],
            legibility=self.legibility[chosen],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AllPredictions:
    """What was predicted of every face: `by` the names of model and condition."""

    facts: tuple[FaceFacts, ...]
    rejected: tuple[UnusablePicture, ...]
    by: Mapping[tuple[str, str], Predictions]


def predict(
    source: FaceSource,
    models: Sequence[ExpressionModel],
    conditions: Sequence[ImageCondition],
    *,
    progress: Callable[[int], None] = lambda _: None,
) -> AllPredictions:
    """Return what the models predict of every face of `source`; raise NothingUsable.

    `progress` is told how many faces are done. Pictures are read once, and few are held at a time.
    """
    facts: list[FaceFacts] = []
    rejected: list[UnusablePicture] = []
    parts: dict[tuple[str, str], list[tuple[Indices, ExpressionOutputs]]] = {
        (model.name, condition.name): [] for model in models for condition in conditions
    }
    usable = _usable(source.faces(), rejected)
    while faces := list(islice(usable, _AT_ONCE)):
        for condition in conditions:
            changed = [condition.apply(face) for face in faces]
            shown = [face for face in changed if face is not None]
            at = np.flatnonzero([face is not None for face in changed]) + len(facts)
            for model in models:
                outputs = model.outputs([_square(face, model) for face in shown])
                parts[model.name, condition.name].append((at, outputs))
        facts += [_facts(face) for face in faces]
        progress(len(facts))
    if not facts:
        raise NothingUsable(source.name, rejected)
    by = {key: _joined(found) for key, found in parts.items()}
    return AllPredictions(facts=tuple(facts), rejected=tuple(rejected), by=by)


def _usable(
    read: Iterable[Face | UnusablePicture], rejected: list[UnusablePicture]
) -> Iterator[Face]:
    for face in read:
        if isinstance(face, UnusablePicture):
            rejected.append(face)
        else:
            yield face


def _square(face: Face, model: ExpressionModel) -> Image:
    return face.image if face.is_cropped else model.crop(face.image, face.detection)


def _facts(face: Face) -> FaceFacts:
    return FaceFacts(
        file=face.file,
        labels=face.labels,
        person=face.person,
        brightness=face.brightness,
        width_px=face.width_px,
        turn=None if face.are_landmarks_guessed else turn(face.landmarks),
    )


def _joined(parts: Sequence[tuple[Indices, ExpressionOutputs]]) -> Predictions:
    return Predictions(
        at=np.concatenate([at for at, _ in parts]),
        labels=np.concatenate([out.labels for _, out in parts]).astype(np.float64),
        sentiments=np.concatenate([out.sentiments for _, out in parts]).astype(np.float64),
        legibility=np.concatenate([out.legibility for _, out in parts]).astype(np.float64),
    )
