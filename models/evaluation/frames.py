"""Frames without faces: the pictures of a folder, or a recording."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from edge.scene import Image
from models.evaluation.errors import DataInvalid, DataMissing
from models.evaluation.pictures import Unreadable, read_picture

_PICTURES = {".jpg", ".jpeg", ".png", ".bmp", ".webp"}


def read_frames(paths: Sequence[Path]) -> Iterator[Image]:
    """Yield every frame; raise DataMissing or DataInvalid naming the file that has none."""
    for path in paths:
        count = 0
        for frame in _folder(path) if path.is_dir() else _recording(path):
            count += 1
            yield frame
        if not count:
            raise DataInvalid(f"{path} has no frame that can be read")


def _folder(path: Path) -> Iterator[Image]:
    for file in sorted(path.iterdir()):
        if file.suffix.lower() in _PICTURES:
            try:
                yield read_picture(file)
            except Unreadable as error:
                raise DataInvalid(f"{file} {error}") from error


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
