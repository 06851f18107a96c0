"""The FER2013 benchmark from one NPZ file, with its own labels and, where known, FER+ votes."""

from __future__ import annotations

import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.scene import Image
from models.lab.evaluation.duplicates import seen
from models.lab.evaluation.errors import DataInvalid, DataMissing
from models.lab.evaluation.faces import Face, UnusablePicture, tight_face
from models.lab.evaluation.labels import expression_of
from models.lab.evaluation.pictures import Unreadable, decode_picture

ORIGINAL = "original"
FERPLUS = "FER+"

_ARRAYS: Mapping[str, tuple[str, int]] = MappingProxyType(
    {
        "jpeg": ("u", 1),
        "offset": ("iu", 1),
        "labels": ("iu", 1),
        "split": ("iu", 1),
        "ferplus": ("iu", 2),
        "label_names": ("SU", 1),
        "ferplus_names": ("SU", 1),
    }
)
"""Each array's kinds of value, as NumPy abbreviates them, and how many dimensions it has."""

_DAMAGES = (
    KeyError,  # an array is missing
    OSError,
    EOFError,
    ValueError,
    TypeError,
    RuntimeError,  # flags of encryption, or of a compression that zipfile does not know
    MemoryError,  # a shape that says more than there is
    struct.error,
    tokenize.TokenError,
    zlib.error,
    zipfile.BadZipFile,
)
"""What reading an NPZ file ends in where bytes of it are wrong."""

_MOST_VOTES = 127  # they are kept as int8
_SIDE_PX = 48
_TRAINED_ON = "is, or nearly is, a picture of the training split"
_NOT_A_FACE = "NF"
NOT_A_FACE_VOTES = 3
"""Of ten: as many votes for "not a face" make a picture none."""

BLANK = 4.0
"""Standard deviation of grey levels below which a picture shows nothing."""


class Split(StrEnum):
    """The parts of FER2013; each one's place is its number in the file."""

    TRAIN = "train"
    PUBLIC = "public"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fer2013:
    """One split of FER2013. Its 48 x 48 pictures are face squares, used whole by every model.

    `ferplus` is the majority of each picture's votes, "" where it has none.
    """

    path: Path
    split: Split
    jpeg: NDArray[np.uint8]
    offset: NDArray[np.int64]
    numbers: NDArray[np.intp]
    labels: tuple[str, ...]
    ferplus: tuple[str, ...]

    @property
    def name(self) -> str:
        """The benchmark's and its split's name."""
        return f"FER2013 {self.split}"

    @property
    def annotations(self) -> tuple[str, ...]:
        """FER2013's own label, and the majority of the FER+ votes."""
        return ORIGINAL, FERPLUS

    @property
    def label_examples(self) -> Mapping[str, str]:
        """The labels of both kinds in this split, and the first picture that has each."""
        found: dict[str, str] = {}
        for index in self._indices(self.split):
            for label in (self.labels[index], self.ferplus[index]):
                if label:
                    found.setdefault(label, self._file(index))
        return found

    def faces(self) -> Iterator[Face | UnusablePicture]:
        """Yield each picture of the split, or why it is none to judge by.

        Of the public and private splits that is one which the training split shows too, where
        models may have learned it by heart. A picture has no FER+ label where its votes are unknown
        or have no majority, where it is blank or three of ten say that it shows no face, and where
        an equal one of the split came before it.
        """
        trained_on = self._trained_on()
        shown: set[bytes] = set()
        for index in self._indices(self.split):
            file = self._file(index)
            try:
                image = self._picture(index)
            except Unreadable as error:
                yield UnusablePicture(file=file, reason=str(error))
                continue
            if index in trained_on:
                yield UnusablePicture(file=file, reason=_TRAINED_ON, is_trained_on=True)
                continue
            labels = {ORIGINAL: self.labels[index]}
            pixels = image.tobytes()
            if self.ferplus[index] and pixels not in shown and image.std() >= BLANK:
                labels[FERPLUS] = self.ferplus[index]
            shown.add(pixels)
            yield tight_face(image, file=file, labels=labels)

    def _indices(self, split: Split) -> list[int]:
        return np.flatnonzero(self.numbers == tuple(Split).index(split)).tolist()

    def _file(self, index: int) -> str:
        return f"{self.path.name}#{index}"

    def _picture(self, index: int) -> Image:
        return decode_picture(self.jpeg[self.offset[index] : self.offset[index + 1]])

    def _trained_on(self) -> set[int]:
        """Return which pictures of the split are, or nearly are, one of the training split."""
        if self.split is Split.TRAIN:
            return set()
        mine, others = self._squares(self.split), self._squares(Split.TRAIN)
        are_known = seen(_stack(mine), _stack(others))
        return {index for index, is_known in zip(mine, are_known, strict=True) if is_known}

    def _squares(self, split: Split) -> dict[int, NDArray[np.uint8]]:
        """Return the split's pictures in grey; what cannot be read is like no other."""
        squares = {}
        for index in self._indices(split):
            with suppress(Unreadable):
                grey = cv2.cvtColor(self._picture(index), cv2.COLOR_BGR2GRAY)
                shrunk = cv2.resize(grey, (_SIDE_PX, _SIDE_PX), interpolation=cv2.INTER_AREA)
                squares[index] = np.asarray(shrunk, np.uint8)
        return squares


def read_fer2013(path: Path, split: Split = Split.PUBLIC) -> Fer2013:
    """Return one split of the file; raise DataMissing or DataInvalid naming it."""
    arrays = read_arrays(path)
    label_names = texts(arrays["label_names"])
    data = Fer2013(
        path=path,
        split=split,
        jpeg=arrays["jpeg"].astype(np.uint8, copy=False),
        offset=arrays["offset"].astype(np.int64),
        numbers=arrays["split"].astype(np.intp),
        labels=tuple(label_names[number] for number in arrays["labels"].tolist()),
        ferplus=majorities(arrays["ferplus"].astype(np.int8), texts(arrays["ferplus_names"])),
    )
    if not (data.numbers == tuple(Split).index(split)).any():
        held = [name for number, name in enumerate(Split) if (data.numbers == number).any()]
        raise DataMissing(
            f"{path} has no pictures of the split {split}; it has {', '.join(held) or 'none'}"
        )
    return data


def majorities(votes: NDArray[np.int8], names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the name with more than half of each row's votes, "" where there is none to compare.

    Unknown votes are -1; a row with three votes for "not a face" counts as none. That is stricter
    than the `majority` mode of FER+ (Barsoum, Zhang, Canton Ferrer and Zhang 2016; `ferplus.py` of
    their code), which drops names with a single vote before it counts: 5 votes of ten, the others
    one each, are its majority and none of ours. It takes rows of few votes for "not a face", too.
    """
    counted = np.clip(votes.astype(np.intp), 0, None)
    best = counted.argmax(axis=1)
    chosen = 2 * counted.max(axis=1) > counted.sum(axis=1)
    if _NOT_A_FACE in names:
        chosen &= counted[:, names.index(_NOT_A_FACE)] < NOT_A_FACE_VOTES
    return tuple(
        names[column] if is_chosen and expression_of(names[column]) else ""
        for column, is_chosen in zip(best.tolist(), chosen.tolist(), strict=True)
    )


def read_arrays(path: Path) -> dict[str, NDArray[np.generic]]:
    """Return the file's arrays, which fit one another; raise DataMissing or DataInvalid."""
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            arrays = {name: file[name] for name in _ARRAYS}
    except FileNotFoundError as error:
        raise DataMissing(f"{path} is not there") from error
    except _DAMAGES as error:
        raise DataInvalid(
            f"{path} is truncated or no FER2013 file ({error}); copy it again"
        ) from error
    if not _fit_together(arrays):
        raise DataInvalid(f"{path} is no FER2013 file: its arrays do not fit together")
    return arrays


def _fit_together(arrays: dict[str, NDArray[np.generic]]) -> bool:
    """Say whether kinds, shapes and numbers are such as can be read, and all labels known."""
    for name, (kinds, dimensions) in _ARRAYS.items():
        if arrays[name].dtype.kind not in kinds or arrays[name].ndim != dimensions:
            return False
    pictures, voted = len(arrays["labels"]), len(arrays["ferplus_names"])
    shapes = {"offset": (pictures + 1,), "split": (pictures,), "ferplus": (pictures, voted)}
    ranges = {
        "offset": (0, len(arrays["jpeg"])),
        "jpeg": (0, 255),
        "split": (0, len(Split) - 1),
        "ferplus": (-1, _MOST_VOTES),
        "labels": (0, len(arrays["label_names"]) - 1),
    }
    return (
        all(arrays[name].shape == shape for name, shape in shapes.items())
        and all(_within(arrays[name], low, high) for name, (low, high) in ranges.items())
        and all(map(expression_of, texts(arrays["label_names"])))
    )


def _within(numbers: NDArray[np.generic], low: int, high: int) -> bool:
    return not (numbers.size and (numbers.min() < low or numbers.max() > high))


def _stack(squares: Mapping[int, NDArray[np.uint8]]) -> NDArray[np.uint8]:
    nothing = np.empty((0, _SIDE_PX, _SIDE_PX), np.uint8)
    return np.stack(list(squares.values())) if squares else nothing


def texts(names: NDArray[np.generic]) -> tuple[str, ...]:
    """Return an array of names as text, whatever it holds them as."""
    return tuple(n.decode() if isinstance(n, bytes) else str(n) for n in names.tolist())
