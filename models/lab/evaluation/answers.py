"""Shows labelled faces to models, under every condition, and keeps what they answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

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
class Answers:
    """One model's outputs under one condition for the faces numbered in `at`."""

    at: Indices
    labels: Array
    sentiments: Array
    legibility: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class AllAnswers:
    """What was answered to every face: `answers` by the names of model and condition."""

    facts: tuple[FaceFacts, ...]
    rejected: tuple[UnusablePicture, ...]
    answers: Mapping[tuple[str, str], Answers]


def ask(
    source: FaceSource,
    models: Sequence[ExpressionModel],
    conditions: Sequence[ImageCondition],
    *,
    progress: Callable[[int], None] = lambda _: None,
) -> AllAnswers:
    """Return what the models answer to every face of `source`; raise NothingUsable.

    `progress` is told how many faces are done. Pictures are read once, and few are held at a time.
    """
    facts: list[FaceFacts] = []
    rejected: list[UnusablePicture] = []
    parts: dict[tuple[str, str], list[Answers]] = {
        (model.name, condition.name): [] for model in models for condition in conditions
    }
    for faces in _batches(_accepted(source.faces(), rejected)):
        for condition in conditions:
            changed = [condition.apply(face) for face in faces]
            kept = [index for index, face in enumerate(changed) if face is not None]
            shown = [face for face in changed if face is not None]
            at = np.array(kept, np.intp) + len(facts)
            for model in models:
                parts[model.name, condition.name].append(_answers(model, shown, at))
        facts += [_facts(face) for face in faces]
        progress(len(facts))
    if not facts:
        raise NothingUsable(source.name, rejected)
    joined = {key: _join(answers) for key, answers in parts.items()}
    return AllAnswers(facts=tuple(facts), rejected=tuple(rejected), answers=joined)


def _accepted(
    read: Iterable[Face | UnusablePicture], rejected: list[UnusablePicture]
) -> Iterator[Face]:
    for face in read:
        if isinstance(face, UnusablePicture):
            rejected.append(face)
        else:
            yield face


def _batches(faces: Iterator[Face]) -> Iterator[list[Face]]:
    while batch := list(islice(faces, _AT_ONCE)):
        yield batch


def _answers(model: ExpressionModel, faces: Sequence[Face], at: Indices) -> Answers:
    outputs: ExpressionOutputs = model.outputs(
        [
            face.image if face.is_cropped else model.crop(face.image, face.detection)
            for face in faces
        ]
    )
    return Answers(
        at=at,
        labels=outputs.labels.astype(np.float64),
        sentiments=outputs.sentiments.astype(np.float64),
        legibility=outputs.legibility.astype(np.float64),
    )


def _facts(face: Face) -> FaceFacts:
    return FaceFacts(
        file=face.file,
        labels=face.labels,
        person=face.person,
        brightness=face.brightness,
        width_px=face.width_px,
        turn=None if face.are_landmarks_guessed else turn(face.landmarks),
    )


def _join(parts: Sequence[Answers]) -> Answers:
    def joined(arrays: Iterable[NDArray[np.generic]]) -> NDArray[np.generic]:
        return np.concatenate(list(arrays))

    return Answers(
        at=joined(part.at for part in parts).astype(np.intp),
        labels=joined(part.labels for part in parts).astype(np.float64),
        sentiments=joined(part.sentiments for part in parts).astype(np.float64),
        legibility=joined(part.legibility for part in parts).astype(np.float64),
    )
