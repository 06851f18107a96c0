"""Labelled pictures in a folder: a CSV file says what each face shows, and perhaps whose it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from models.lab.evaluation.boxes import FaceFinder, ListedFaces
from models.lab.evaluation.csv_rows import Row, read_rows
from models.lab.evaluation.errors import DataMissing
from models.lab.evaluation.faces import Face, UnusablePicture, face_in, tight_face
from models.lab.evaluation.labels import is_known, known_labels
from models.lab.evaluation.pictures import Unreadable, read_picture
from models.lab.splits import Part, part_of, person_of

LABEL = "label"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelledFolder:
    """Pictures that a CSV file names, of one part of the people or, without `part`, of all.

    They are face squares already where `finder` is None. Their labels matter where `is_labelled`; a
    face detector needs none.
    """

    folder: Path
    rows: tuple[Row, ...]
    finder: FaceFinder | None
    part: Part | None = None
    is_labelled: bool = True

    @property
    def name(self) -> str:
        """The folder's name and the part of its people."""
        return f"{self.folder.resolve().name}, {self.part or 'all'}"

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
            if isinstance(face, str):
                yield UnusablePicture(file=row.file or row.place, reason=face)
            else:
                seen.add(face.file)
                yield face

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
        file, person = row.file, row["person"]
        if self.finder is None:
            return tight_face(image, file=file, labels=labels, person=person)
        found = self.finder.find(file, image)
        if isinstance(found, str):
            return found
        return face_in(image, found.box, found.landmarks, file=file, labels=labels, person=person)


def read_folder(
    folder: Path, labels: Path, finder: FaceFinder | None, part: Part | None = None
) -> LabelledFolder:
    """Return labelled pictures; raise DataMissing or DataInvalid naming the file.

    A picture whose person is not named has a part of its own.
    """
    require_folder(folder)
    rows = _of_part(read_rows(labels, columns=("file", LABEL)), part)
    return LabelledFolder(folder=folder, rows=rows, finder=finder, part=part)


def read_faces(
    folder: Path, labels: Path | None, listed: ListedFaces, part: Part | None = None
) -> LabelledFolder:
    """Return pictures whose faces are listed: those that `labels` names, or without it all of them.

    Raises DataMissing or DataInvalid naming the file, as only `labels` tells a person's part.
    """
    require_folder(folder)
    if labels is not None:
        rows = _of_part(read_rows(labels, columns=("file",)), part)
    elif part is not None:
        raise DataMissing(f"--part {part} needs --labels, whose column person tells it")
    else:
        rows = tuple(Row(path=listed.path, line=0, values={"file": f}) for f in listed.files)
    return LabelledFolder(folder=folder, rows=rows, finder=listed, part=part, is_labelled=False)


def require_folder(path: Path, what: str = "") -> None:
    """Raise DataMissing where the path is no folder, or one that this user may not reach.

    The text begins with `what` it is for.
    """
    try:
        is_folder = path.is_dir()
    except OSError as error:
        raise DataMissing(f"{what}{path} cannot be reached: {error.strerror}") from error
    if not is_folder:
        raise DataMissing(f"{what}{path} is no folder")


def _of_part(rows: tuple[Row, ...], part: Part | None) -> tuple[Row, ...]:
    if part is None:
        return rows
    kept = tuple(r for r in rows if part_of(person_of(r["person"], r["file"])) is part)
    if not kept:
        raise DataMissing(f"{rows[0].path} names nobody of the part {part}")
    return kept
