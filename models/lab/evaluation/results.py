"""Measured figures kept as JSON beside the product, so that documents can be made from them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryFile
from typing import TypeVar

import msgspec

from models.lab.evaluation.errors import ResultsInvalid
from models.lab.evaluation.face_report import FaceEvaluation, FaceReport
from models.lab.evaluation.report import ExpressionEvaluation, ExpressionReport
from models.lab.evaluation.timing import BenchReport

FOLDER = Path(__file__).resolve().parents[1] / "results"

_Report = TypeVar("_Report", ExpressionReport, FaceReport)

_ELSEWHERE = "save to another file"

_NAMED = re.compile(r" --model \S+")


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
    def kinds(self) -> frozenset[Kind]:
        """What there are figures of."""
        held = (field.name for field in fields(self) if getattr(self, field.name) is not None)
        return frozenset(map(Kind, held))


def read_results(path: Path) -> Results:
    """Return the file's figures; raise ResultsInvalid naming it."""
    return _decoded(path, "measure again with --save")


def read_all_results(folder: Path = FOLDER) -> tuple[Results, ...]:
    """Return the figures of every file of the folder, in the order of their names."""
    return tuple(read_results(path) for path in sorted(folder.glob("*.json")))


def require_target(path: Path, kind: Kind) -> None:
    """Raise ResultsInvalid where figures of `kind` could not be saved, before any are measured.

    Makes the folder, and leaves a file that is there as it is.
    """
    old = _old_results(path, frozenset({kind}))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if old is None:
            TemporaryFile(dir=path.parent).close()
        else:
            path.open("r+b").close()
    except OSError as error:
        raise _unwritable(path, error) from error


def save_results(path: Path, results: Results) -> None:
    """Write the figures; those of other models on the very same data stay in the file.

    So a model that runs elsewhere can be measured elsewhere. Pictures that were left out are not
    named: only how many there were is known from the number of faces. Raises ResultsInvalid, also
    for a file that holds figures of another kind.
    """
    old = _old_results(path, results.kinds)
    if old is not None:
        results = _merged(old, results)
    if results.expressions is not None:
        results = replace(results, expressions=replace(results.expressions, rejected=()))
    if results.faces is not None:
        results = replace(results, faces=replace(results.faces, rejected=()))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(as_json(results) + b"\n")
    except OSError as error:
        raise _unwritable(path, error) from error


def as_json(value: object) -> bytes:
    """Return a report as JSON for people and programs."""
    return msgspec.json.format(msgspec.json.encode(value), indent=1)


def _decoded(path: Path, advice: str) -> Results:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Results)
    except OSError as error:
        raise ResultsInvalid(f"results {path} cannot be read: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise ResultsInvalid(f"results {path}: {error}; {advice}") from error


def _old_results(path: Path, kinds: frozenset[Kind]) -> Results | None:
    """Return what the file holds, None where there is none.

    Raises ResultsInvalid where it holds anything but figures of `kinds`, which would be lost.
    """
    try:
        if not path.exists():
            return None
        is_file = path.is_file()
    except OSError as error:
        raise _unwritable(path, error) from error
    if not is_file:
        raise ResultsInvalid(f"results {path} cannot be written: it is no regular file")
    old = _decoded(path, _ELSEWHERE)
    if not old.kinds:
        raise ResultsInvalid(f"results {path}: it holds something else; {_ELSEWHERE}")
    if others := sorted(old.kinds - kinds):
        raise ResultsInvalid(
            f"results {path}: it holds figures of another kind, {', '.join(others)}; {_ELSEWHERE}"
        )
    return old


def _unwritable(path: Path, error: OSError) -> ResultsInvalid:
    return ResultsInvalid(f"results {path} cannot be written: {error.strerror}")


def _merged(old: Results, new: Results) -> Results:
    if old.expressions and new.expressions and _same(old.expressions, new.expressions):
        models = _joined(old.expressions.models, new.expressions.models)
        measured = {report.model for report in new.expressions.models}
        comparisons = new.expressions.comparisons + tuple(
            kept for kept in old.expressions.comparisons if not {kept.model, kept.other} & measured
        )
        # The first model named is the one that others are compared with.
        names = [*(c.model for c in comparisons), *(report.model for report in models)]
        command = _command(old.expressions.command, new.expressions.command, names)
        expressions = replace(
            new.expressions, command=command, models=models, comparisons=comparisons
        )
        return replace(new, expressions=expressions)
    if old.faces and new.faces and _same(old.faces, new.faces):
        models_ = _joined(old.faces.models, new.faces.models)
        command = _command(
            old.faces.command, new.faces.command, [report.model for report in models_]
        )
        return replace(new, faces=replace(new.faces, command=command, models=models_))
    return new


def _same(
    old: ExpressionEvaluation | FaceEvaluation, new: ExpressionEvaluation | FaceEvaluation
) -> bool:
    """Say whether both are of the same faces, whichever models were named."""
    return (old.data, _NAMED.sub("", old.command), old.faces) == (
        new.data,
        _NAMED.sub("", new.command),
        new.faces,
    )


def _command(old: str, new: str, models: Iterable[str]) -> str:
    """Return what measures all `models`: it names them, unless neither command named any."""
    if not _NAMED.search(old + new):
        return new
    named = (f" --model {name}" for name in dict.fromkeys(models))
    return "".join([_NAMED.sub("", new), *named])


def _joined(old: tuple[_Report, ...], new: tuple[_Report, ...]) -> tuple[_Report, ...]:
    measured = {report.model for report in new}
    return new + tuple(report for report in old if report.model not in measured)
