"""Labelled faces to train on: grey squares with targets, from FER2013 and from labelled folders."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import structlog
from numpy.typing import NDArray

from edge.scene import Box
from models.lab.evaluation.boxes import read_listed_faces
from models.lab.evaluation.csv_rows import Row, read_rows
from models.lab.evaluation.duplicates import seen
from models.lab.evaluation.errors import DataInvalid
from models.lab.evaluation.fer2013 import BLANK, NOT_A_FACE_VOTES, read_arrays, texts
from models.lab.evaluation.labels import EXPRESSIONS, SYNONYMS, expression_of
from models.lab.evaluation.pictures import Unreadable, read_picture
from models.lab.splits import Part, part_of, person_of
from models.lab.training.people import parts_of

LABELS = EXPRESSIONS
"""The seven classes, in the order of the model's output."""

MARGIN = 0.40
"""Context kept around a face's box, at each side: room for shifts, turns and scales."""

_SIDE_PX = 96
# A square of FER2013 reaches about this far beyond the box that the detector would draw.
_FER_MARGIN = 0.15

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pictures:
    """n grey squares [n, side, side], what people saw in them, as shares [n, 7], and labels [n].

    `is_settled` [n] are those whose shares are what most people see, as far as that is known: one
    annotator among pictures that many voted on does not settle it. `zoom` is the part of the
    square's side that a crop of the model's margin takes.
    """

    squares: NDArray[np.uint8]
    targets: NDArray[np.float32]
    labels: NDArray[np.int64]
    is_settled: NDArray[np.bool_]
    zoom: float

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, chosen: NDArray[np.bool_]) -> Pictures:
        """Return some of the pictures."""
        return Pictures(
            squares=self.squares[chosen],
            targets=self.targets[chosen],
            labels=self.labels[chosen],
            is_settled=self.is_settled[chosen],
            zoom=self.zoom,
        )


def fer2013(npz: Path) -> dict[Part, Pictures]:
    """Return FER2013's Training split, for training and for calibration.

    The targets are the shares of the FER+ votes (Barsoum et al. 2016), or the original label where
    they are not known. Left out: blank pictures, those with votes for "not a face", those that
    occur twice with different labels, and what is the same as or nearly the same as a picture of
    the PublicTest split, which judges the model; none of those that calibrate is one of those that
    train, either. Where others have votes, those without, a sixth of all, are not settled.
    """
    data = read_arrays(npz)
    offsets, files = data["offset"], data["jpeg"].astype(np.uint8, copy=False)
    squares = np.stack([_decoded(files[a:b]) for a, b in pairwise(offsets.tolist())])
    names = [expression_of(name) for name in texts(data["label_names"])]
    labels = np.array([LABELS.index(names[i]) for i in data["labels"].tolist()], np.int64)
    training = data["split"] == 0
    votes = data["ferplus"].astype(np.float32)
    shares, known, is_face = _ferplus_shares(votes)
    keep = training & is_face & (squares.reshape(len(squares), -1).std(axis=1) >= BLANK)
    keep &= _unique(squares, labels, training)
    keep[keep] &= ~seen(squares[keep], squares[~training])
    targets = np.eye(len(LABELS), dtype=np.float32)[labels]
    targets[known] = shares[known]
    settled = known if known.any() else np.ones_like(known)
    whole = Pictures(squares=squares, targets=targets, labels=labels, is_settled=settled, zoom=1.0)
    parts = np.array([part_of(f"fer2013/{index}") for index in range(len(squares))])
    training = keep & (parts != Part.CALIBRATION)
    calibration = keep & ~training
    calibration[calibration] &= ~seen(squares[calibration], squares[training])
    return {Part.TRAINING: whole.take(training), Part.CALIBRATION: whole.take(calibration)}


def labelled_folder(
    folder: Path, faces: Path | None = None, *, smoothing: float = 0.07
) -> dict[Part, Pictures]:
    """Return the largest face of each picture that labels.csv of `folder` names.

    labels.csv has the columns file, label and, if people occur more than once, person; `faces`
    (by default faces.csv of the folder) has file, x, y, w, h.
    The part of a picture is that of its person; where that leaves nobody to calibrate by, a few who
    would train do. One-hot labels are smoothed: such labels come from few people. Pictures without
    a face or that cannot be read are left out, and named in the log. Raises DataMissing or
    DataInvalid naming the file, also where fewer than two people are left to train and calibrate.
    """
    listed = read_listed_faces(faces or folder / "faces.csv")
    squares, labels, people = [], [], []
    for row in read_rows(folder / "labels.csv", columns=("file", "label")):
        path = folder / row["file"]
        try:
            image = read_picture(path)
        except Unreadable as error:
            log.warning("picture_left_out", file=str(path), reason=str(error))
            continue
        face = listed.find(row["file"], image)
        if isinstance(face, str):
            log.warning("picture_left_out", file=str(path), reason=face)
            continue
        grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
        squares.append(_square(grey, face.box))
        labels.append(_label(row))
        people.append(person_of(row["person"], row["file"]))
    if not squares:
        raise DataInvalid(f"{folder / 'labels.csv'}: none of its pictures shows a face")
    index = np.array(labels, np.int64)
    one_hot = np.eye(len(LABELS), dtype=np.float32)[index]
    whole = Pictures(
        squares=np.stack(squares),
        targets=(1 - smoothing) * one_hot + smoothing / len(LABELS),
        labels=index,
        is_settled=np.ones(len(index), np.bool_),
        zoom=(1 + 2 * _FER_MARGIN) / (1 + 2 * MARGIN),
    )
    of = parts_of(people, folder / "labels.csv")
    return {part: whole.take(np.array([of[person] == part for person in people])) for part in Part}


def _label(row: Row) -> int:
    expression = expression_of(row["label"])
    if expression is None:
        raise DataInvalid(
            f"{row.path} line {row.line}: the label {row['label']!r} is not one of "
            f"{', '.join(SYNONYMS)}"
        )
    return LABELS.index(expression)


def _ferplus_shares(
    votes: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the votes' shares in the order of LABELS, where they are known, and what is a face.

    The columns are neutral, happiness, surprise, sadness, anger, disgust, fear, contempt, unknown
    and not a face. Contempt is shared between disgust and neutral, its neighbours.
    """
    order = ("neutral", "happy", "surprise", "sad", "angry", "disgust", "fear")
    counted = np.clip(votes, 0, None)
    shares = np.stack([counted[:, order.index(label)] for label in LABELS], axis=1)
    for label in ("disgust", "neutral"):
        shares[:, LABELS.index(label)] += counted[:, 7] / 2
    total = shares.sum(axis=1, keepdims=True)
    known = (votes[:, 0] >= 0) & (total[:, 0] > 0)
    return shares / np.maximum(total, 1), known, votes[:, 9] < NOT_A_FACE_VOTES


def _unique(
    squares: NDArray[np.uint8], labels: NDArray[np.int64], training: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return True for the first of equal training pictures, unless their labels differ."""
    groups: dict[bytes, list[int]] = defaultdict(list)
    for index in np.flatnonzero(training):
        groups[squares[index].tobytes()].append(int(index))
    first = np.zeros(len(squares), np.bool_)
    for group in groups.values():
        first[group[0]] = len({int(labels[index]) for index in group}) == 1
    return first


def _square(image: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    side = max(box.width, box.height) * (1 + 2 * MARGIN)
    scale = _SIDE_PX / side
    if scale < 1:  # blur what is shrunk, else fine texture turns into noise
        image = cv2.GaussianBlur(image, (0, 0), 0.4 / scale)  # type: ignore[assignment]
    x, y = box.centre
    # Boxes count from a pixel's corner, OpenCV from its middle.
    half = _SIDE_PX / 2 + (scale - 1) / 2
    matrix = np.array([[scale, 0, half - x * scale], [0, scale, half - y * scale]], np.float32)
    return cv2.warpAffine(  # type: ignore[return-value]
        image, matrix, (_SIDE_PX, _SIDE_PX), borderMode=cv2.BORDER_REPLICATE
    )


def _decoded(file: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return cv2.imdecode(file, cv2.IMREAD_GRAYSCALE)  # type: ignore[return-value]
