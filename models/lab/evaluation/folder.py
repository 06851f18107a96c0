"""Labelled pictures in a folder: a CSV file says what each face shows, and perhaps whose it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from models.lab.evaluation.boxes import FaceFinder, ListedFaces
from models.lab.evaluation.csv_rows import Row, read_table
from models.lab.evaluation.errors import DataMissing
from models.lab.evaluation.faces import Face, UnusablePicture, face_in, tight_face
from models.lab.evaluation.labels import is_known, known_labels
from models.lab.evaluation.pictures import Unreadable, read_picture
from models.lab.evaluation.places import require_folder
from models.lab.splits import Part, part_of, person_of

LABEL = "label"


class Choice(StrEnum):
    """Which people's pictures are evaluated."""

    ALL = "all"
    VALIDATION = "validation"
    CALIBRATION = "calibration"
    TRAINING = "training"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelledFolder:
    """The pictures that a CSV file names: face squares already where `finder` is None.

    Their labels matter where `is_labelled`; a face detector needs none.
    """

    folder: Path
    rows: tuple[Row, ...]
    finder: FaceFinder | None
    part: Choice = Choice.ALL
    is_labelled: bool = True

    @property
    def name(self) -> str:
        """The folder's name and the part of its people."""
        return f"{self.folder.resolve().name}, {self.part}"

    @property
    def annotations(self) -> tuple[str, ...]:
        """The only one: the column `label`."""
        return (LABEL,)

    @property
    def label_examples(self) -> Mapping[str, str]:
        """The labels that can be compared, and the first picture that has each."""
        rows = [row for row in self.rows if self.is_labelled and is_known(row[LABEL])]
        return {row[LABEL]: row.file for row in reversed(rows)}

    def faces(self) -> Iterator[Face | UnusablePicture]:
        """Yield the face of each picture, or why it cannot be evaluated."""
        seen: set[str] = set()
        for row in self.rows:
            face = self._face(row)
            if isinstance(face, Face) and face.file in seen:
                face = f"is listed again in {row.place}"
            if isinstance(face, Face):
                seen.add(face.file)
                yield face
            else:
                yield UnusablePicture(file=row.file or row.place, reason=face)

    def _face(self, row: Row) -> Face | str:
        if not row.file:
            return "names no file"
        if self.is_labelled and not is_known(row[LABEL]):
            return f"has the label {row[LABEL]!r} in {row.place}; known: {known_labels()}"
        try:
            image = read_picture(self.folder / row["file"])
        except Unreadable as error:
            return str(error)
        labels = {LABEL: row[LABEL]} if self.is_labelled else {}
        person = row["person"]
        if self.finder is None:
            return tight_face(image, file=row.file, labels=labels, person=person)
        found = self.finder.find(row.file, image)
        if isinstance(found, str):
            return found
        return face_in(
            image, found.box, found.landmarks, file=row.file, labels=labels, person=person
        )


def read_labelled_folder(
    folder: Path,
    labels: Path,
    finder: FaceFinder | None,
    part: Choice = Choice.ALL,
    *,
    is_labelled: bool = True,
) -> LabelledFolder:
    """Return the pictures of one part; raise DataMissing or DataInvalid naming the file.

    A picture whose person is not named has a part of its own.
    """
    require_folder(folder)
    rows = read_table(labels, columns=("file", LABEL) if is_labelled else ("file",)).rows
    if part is not Choice.ALL:
        rows = tuple(row for row in rows if _part_of(row) is Part(part.value))
        if not rows:
            raise DataMissing(f"{labels} names nobody of the part {part}")
    return LabelledFolder(
        folder=folder, rows=rows, finder=finder, part=part, is_labelled=is_labelled
    )


def read_listed_folder(folder: Path, listed: ListedFaces) -> LabelledFolder:
    """Return the pictures whose faces are listed, without labels; raise DataMissing."""
    require_folder(folder)
    rows = (Row(path=listed.path, line=0, values={"file": file}) for file in listed.files)
    return LabelledFolder(folder=folder, rows=tuple(rows), finder=listed, is_labelled=False)


def _part_of(row: Row) -> Part:
    return part_of(person_of(row["person"], row["file"]))
