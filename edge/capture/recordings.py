"""Recorded video: files, GIFs and folders of clips or pictures, as pictures with their times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from edge.capture.video import open_video
from edge.errors import SourceBroken, SourceMissing
from edge.scene import Image

CLIPS = frozenset({".avi", ".gif", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".ts", ".webm"})
PICTURES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".webp"})

_HIGHEST_FPS = 240.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TimedImage:
    """One decoded picture and its place on the recording's own time line, in seconds."""

    image: Image
    at_s: float


def find_recordings(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Return the clips and pictures that `paths` name, folders opened and sorted by name.

    Raises SourceMissing for a path that is not there or a folder that holds none.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_file():
            found.append(path)
        elif path.is_dir():
            found += _inside(path)
        else:
            raise SourceMissing(f"recording {path} is not there; check the path")
    return tuple(found)


def is_recording(source: str) -> bool:
    """Return whether `source` is a file or folder, or by its name a file that should be there."""
    path = Path(source)
    return (
        path.is_file()
        or path.is_dir()
        or ("://" not in source and path.suffix.lower() in CLIPS | PICTURES)
    )


def read_images(paths: Sequence[Path], *, fps: float, loop: bool = False) -> Iterator[TimedImage]:
    """Yield the images of all recordings, one after another on one time line.

    A clip keeps its own rate up to `fps` images a second; pictures follow one another at `fps`.
    Raises SourceBroken for a recording without pictures.
    """
    offset_s = 0.0
    while True:
        for path in paths:
            last_s, step_s = 0.0, 1 / fps
            for image, at_s, step_s in _decode(path, fps):  # noqa: B007 - the last step is kept
                last_s = at_s
                yield TimedImage(image=image, at_s=offset_s + at_s)
            offset_s += last_s + step_s
        if not loop:
            return


def _inside(folder: Path) -> list[Path]:
    known = CLIPS | PICTURES
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in known)
    if not found:
        raise SourceMissing(
            f"folder {folder} holds no clips or pictures ({', '.join(sorted(known))})"
        )
    return found


def _decode(path: Path, fps: float) -> Iterator[tuple[Image, float, float]]:
    """Yield pictures with their time and the time to the next, in seconds."""
    if path.suffix.lower() in PICTURES:
        yield _picture(path), 0.0, 1 / fps
        return
    with open_video(str(path)) as capture:
        own_fps = capture.get(cv2.CAP_PROP_FPS)
        if not 0 < own_fps <= _HIGHEST_FPS:
            own_fps = fps  # some containers state none, or a time base instead of a rate
        keep = min(fps / own_fps, 1.0)
        index, given = -1, 0
        while capture.grab():
            index += 1
            if index > 0 and int(index * keep) == int((index - 1) * keep):
                continue
            read, image = capture.retrieve()
            if read:
                given += 1
                yield image.astype(np.uint8, copy=False), index / own_fps, 1 / own_fps
        if given == 0:
            raise SourceBroken(f"recording {path} gives no pictures; it may be cut off or damaged")


def _picture(path: Path) -> Image:
    try:
        image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    except cv2.error:  # more pixels than OpenCV takes
        image = None
    if image is None:
        raise SourceBroken(
            f"picture {path} cannot be decoded; it may be cut off, damaged or too large"
        )
    return image.astype(np.uint8, copy=False)
