"""Recorded video: files, GIFs and folders of clips or pictures, as pictures with their times."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from edge.capture.animations import read_pictures
from edge.capture.video import Picture, open_video
from edge.errors import CaptureError, SourceBroken, SourceMissing
from edge.scene import Image
from runtime.stream_urls import without_secrets

CLIPS = frozenset(
    {
        ".3gp", ".avi", ".flv", ".gif", ".h264", ".264", ".h265", ".265", ".hevc", ".ivf", ".m2ts",
        ".m4v", ".mjpeg", ".mjpg", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".ogv", ".ts",
        ".webm", ".wmv", ".y4m",
    }
)  # fmt: skip
PICTURES = frozenset({".apng", ".bmp", ".jpeg", ".jpg", ".png", ".webp"})

_ROUNDING = 0.05
"""Times are rounded to milliseconds in some containers: a share of the time between two pictures
by which one may come before its time."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TimedImage:
    """One decoded picture and its place on the recording's own time line, in seconds."""

    image: Image
    at_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A recording of several that gives no pictures; `problem` names it and says why."""

    path: Path
    problem: str


Played: TypeAlias = TimedImage | Skipped


def find_recordings(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Return the clips and pictures that `paths` name, folders opened and in natural order.

    Raises SourceMissing for a path that is not there or a folder that holds none.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_file():
            found.append(path)
        elif path.is_dir():
            found += _inside(path)
        else:
            shown = without_secrets(str(path).replace(":/", "://", 1))
            raise SourceMissing(f"recording {shown} is not there; check the path")
    return tuple(found)


def is_recording(source: str) -> bool:
    """Return whether `source` is a file or folder, or by its name a file that should be there."""
    path = Path(source)
    return (
        path.is_file()
        or path.is_dir()
        or ("://" not in source and path.suffix.lower() in CLIPS | PICTURES)
    )


def read_images(paths: Sequence[Path], *, fps: float, loop: bool = False) -> Iterator[Played]:
    """Yield the images of all recordings, one after another on one time line.

    Images keep the times that they have in their recording; those that come faster than `fps` are
    left out. Pictures follow one another at `fps`. A recording that cannot be read is named and
    the next one follows; raises SourceBroken when none of them, in a whole round, gives a picture.
    """
    offset_s = 0.0
    named: set[Path] = set()
    while True:
        began_s, problem = offset_s, "there is no recording"
        for path in paths:
            clip = _Clip(path, fps, offset_s)
            try:
                yield from clip.images()
            except CaptureError as error:
                problem = str(error)
                if path not in named and len(paths) > 1:
                    named.add(path)
                    yield Skipped(path=path, problem=problem)
            offset_s = clip.ends_s
        if offset_s == began_s:
            several = f"none of {len(paths)} recordings can be played: " if len(paths) > 1 else ""
            raise SourceBroken(several + problem)
        if not loop:
            return


class _Clip:
    """One recording, placed at `begins_s` on the common time line."""

    def __init__(self, path: Path, fps: float, begins_s: float) -> None:
        self._path = path
        self._fps = fps
        self._begins_s = begins_s
        self.ends_s = begins_s

    def images(self) -> Iterator[TimedImage]:
        """Yield the images that are wanted, each after the one before."""
        last_slot = -1
        with _open(self._path, self._fps) as pictures:
            for picture, at_s in _on_one_line(pictures):
                self.ends_s = self._begins_s + at_s + (picture.lasts_s or 1 / self._fps)
                slot = int(at_s * self._fps + _ROUNDING)
                if slot > last_slot:
                    last_slot = slot
                    yield TimedImage(image=picture.image(), at_s=self._begins_s + at_s)


@contextmanager
def _open(path: Path, fps: float) -> Iterator[Iterator[Picture]]:
    if path.suffix.lower() in PICTURES:
        yield read_pictures(path, lasts_s=1 / fps)
    else:
        with open_video(str(path)) as pictures:
            yield pictures


def _on_one_line(pictures: Iterator[Picture]) -> Iterator[tuple[Picture, float]]:
    """Yield pictures with their times since the first; where those jump back, time goes on."""
    shift_s: float | None = None
    last_s = next_s = 0.0
    for picture in pictures:
        at_s = next_s
        if picture.at_s is not None:
            if shift_s is None or picture.at_s < last_s + shift_s:
                shift_s = picture.at_s - next_s
            at_s = picture.at_s - shift_s
        last_s, next_s = at_s, at_s + picture.lasts_s
        yield picture, at_s


def _inside(folder: Path) -> list[Path]:
    known = CLIPS | PICTURES
    found = [path for path in folder.iterdir() if path.suffix.lower() in known]
    if not found:
        raise SourceMissing(
            f"folder {folder} holds no clips or pictures ({', '.join(sorted(known))})"
        )
    return sorted(found, key=_natural_order)


def _natural_order(path: Path) -> tuple[list[str | int], str]:
    """Return a key by which 2 comes before 10, as people number files."""
    parts = re.split(r"(\d+)", path.name.casefold())
    return [int(part) if place % 2 else part for place, part in enumerate(parts)], path.name
