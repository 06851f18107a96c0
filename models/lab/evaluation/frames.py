"""Frames without faces, the pictures of a folder or a recording, and what is found in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from edge.scene import Image
from models.lab.evaluation.detection import find_false_faces
from models.lab.evaluation.entries import FaceModel
from models.lab.evaluation.errors import DataInvalid, DataMissing
from models.lab.evaluation.face_report import FaceEvaluation, FalseFaces
from models.lab.evaluation.faces import UnusablePicture
from models.lab.evaluation.pictures import Unreadable, read_picture

_PICTURES = {".jpg", ".jpeg", ".png", ".bmp", ".webp"}


def require_frames(paths: Sequence[Path]) -> None:
    """Raise DataMissing or DataInvalid naming the first path that has no frame."""
    for path in paths:
        next(read_frames(path, []))


def read_frames(path: Path, rejected: list[UnusablePicture]) -> Iterator[Image]:
    """Yield every frame; a picture that cannot be read is added to `rejected`.

    Raises DataMissing or DataInvalid naming the path where it has no frame.
    """
    count = 0
    try:
        for frame in _folder(path, rejected) if path.is_dir() else _recording(path):
            count += 1
            yield frame
    except OSError as error:
        raise DataMissing(f"{path} cannot be read: {error.strerror}") from error
    if not count:
        raise DataInvalid(f"{path} has no frame that can be read")


def add_false_faces(
    evaluation: FaceEvaluation, models: Sequence[FaceModel], paths: Sequence[Path]
) -> FaceEvaluation:
    """Return the evaluation with what the models find in the frames of each path, if any."""
    if not paths:
        return evaluation
    rejected: list[UnusablePicture] = []
    by_model: dict[str, dict[str, FalseFaces]] = {model.name: {} for model in models}
    for path in paths:
        for model, false in find_false_faces(read_frames(path, rejected), models).items():
            found = by_model[model]
            found[_name(path)] = found.get(_name(path), FalseFaces()) + false
    reports = (
        replace(
            report,
            false_faces=sum(by_model[report.model].values(), FalseFaces()),
            false_faces_by_source=by_model[report.model],
        )
        for report in evaluation.models
    )
    return replace(
        evaluation,
        models=tuple(reports),
        rejected=(*evaluation.rejected, *rejected),
        without_faces=", ".join(map(_name, paths)),
    )


def _folder(path: Path, rejected: list[UnusablePicture]) -> Iterator[Image]:
    for file in sorted(path.iterdir()):
        if file.suffix.lower() in _PICTURES:
            try:
                yield read_picture(file)
            except Unreadable as error:
                rejected.append(
                    UnusablePicture(file=f"{_name(path)}/{file.name}", reason=str(error))
                )


def _recording(path: Path) -> Iterator[Image]:
    if not path.is_file():
        raise DataMissing(f"{path} is neither a folder nor a file")
    recording = cv2.VideoCapture(str(path))
    try:
        while True:
            is_read, frame = recording.read()
            if not is_read:
                return
            yield np.asarray(frame, np.uint8)
    finally:
        recording.release()


def _name(path: Path) -> str:
    return path.resolve().name
