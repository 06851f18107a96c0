"""Measured figures kept as JSON beside the product, so that documents can be made from them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import msgspec

from models.lab.evaluation.errors import ResultsInvalid
from models.lab.evaluation.face_report import FaceEvaluation
from models.lab.evaluation.report import ExpressionEvaluation
from models.lab.evaluation.timing import BenchReport

FOLDER = Path(__file__).resolve().parents[1] / "results"

_ELSEWHERE = "save to another file"


class Kind(StrEnum):
    """What a file of results may hold: the names of its fields."""

    EXPRESSIONS = "expressions"
    FACES = "faces"
    BENCH = "bench"


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """One file: what one command measured."""

    expressions: ExpressionEvaluation | None = None
    faces: FaceEvaluation | None = None
    bench: BenchReport | None = None

    @property
    def kind(self) -> Kind | None:
        """What there are figures of, None of nothing."""
        return next((kind for kind in Kind if getattr(self, kind) is not None), None)

    @property
    def figures(self) -> ExpressionEvaluation | FaceEvaluation | BenchReport | None:
        """What was measured."""
        return self.expressions or self.faces or self.bench


def read_results(path: Path) -> Results:
    """Return the file's figures; raise ResultsInvalid naming it."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Results)
    except OSError as error:
        raise ResultsInvalid(f"results {path} cannot be read: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise ResultsInvalid(f"results {path}: {error}; measure again, or {_ELSEWHERE}") from error


def read_all_results(folder: Path = FOLDER) -> tuple[Results, ...]:
    """Return the figures of every file of the folder, in the order of their names."""
    return tuple(read_results(path) for path in sorted(folder.glob("*.json")))


def require_target(path: Path, kind: Kind | None) -> None:
    """Make the folder of a file in which figures of `kind` can be saved, before any are measured.

    Raises ResultsInvalid where they cannot, or where the file holds anything but figures of `kind`,
    which would be lost.
    """
    with _writing(path):
        if path.exists():
            if not path.is_file():
                raise ResultsInvalid(f"results {path} cannot be written: it is no regular file")
            held = read_results(path).kind
            if held is not kind:
                what = f"figures of another kind, {held}" if held else "something else"
                raise ResultsInvalid(f"results {path}: it holds {what}; {_ELSEWHERE}")
        path.parent.mkdir(parents=True, exist_ok=True)


def save_results(path: Path, results: Results) -> None:
    """Write the figures in the place of older ones of their kind; raise ResultsInvalid.

    Pictures that were left out are not named: only how many there were is known from the number of
    faces.
    """
    require_target(path, results.kind)
    if e := results.expressions:
        results = Results(expressions=replace(e, rejected=()))
    if f := results.faces:
        results = Results(faces=replace(f, rejected=()))
    with _writing(path):
        path.write_bytes(as_json(results) + b"\n")


def as_json(value: object) -> bytes:
    """Return a report as JSON for people and programs."""
    return msgspec.json.format(msgspec.json.encode(value), indent=1)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ResultsInvalid(f"results {path} cannot be written: {error.strerror}") from error
