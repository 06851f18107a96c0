"""Measured figures kept as JSON beside the product, so that documents can be made from them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from models.lab.evaluation.errors import ResultsInvalid
from models.lab.evaluation.face_report import FaceEvaluation
from models.lab.evaluation.report import ExpressionEvaluation
from models.lab.evaluation.timing import BenchReport

FOLDER = Path(__file__).resolve().parents[1] / "results"

_Evaluation: TypeAlias = ExpressionEvaluation | FaceEvaluation

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
    def kind(self) -> Kind | None:
        """What there are figures of, None of nothing."""
        return next((kind for kind in Kind if getattr(self, kind) is not None), None)

    @property
    def figures(self) -> ExpressionEvaluation | FaceEvaluation | BenchReport | None:
        """What was measured."""
        return self.expressions or self.faces or self.bench


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
    with _writing(path):
        _kept(path, kind)
        path.parent.mkdir(parents=True, exist_ok=True)


def save_results(path: Path, results: Results) -> None:
    """Write the figures; those of other models on the very same data stay in the file.

    So a model that runs elsewhere can be measured elsewhere. Pictures that were left out are not
    named: only how many there were is known from the number of faces. Raises ResultsInvalid, also
    for a file that holds figures of another kind.
    """
    with _writing(path):
        old = _kept(path, results.kind) or Results()
        if e := results.expressions:
            results = Results(expressions=replace(e, rejected=(), **_joined(old.expressions, e)))
        if f := results.faces:
            results = Results(faces=replace(f, rejected=(), **_joined(old.faces, f)))
        path.parent.mkdir(parents=True, exist_ok=True)
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


def _decoded(path: Path, advice: str) -> Results:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Results)
    except OSError as error:
        raise ResultsInvalid(f"results {path} cannot be read: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise ResultsInvalid(f"results {path}: {error}; {advice}") from error


def _kept(path: Path, kind: Kind | None) -> Results | None:
    """Return what the file holds, None where there is none.

    Raises ResultsInvalid where it holds anything but figures of `kind`, which would be lost.
    """
    if not path.exists():
        return None
    if not path.is_file():
        raise ResultsInvalid(f"results {path} cannot be written: it is no regular file")
    old = _decoded(path, _ELSEWHERE)
    if old.kind is None:
        raise ResultsInvalid(f"results {path}: it holds something else; {_ELSEWHERE}")
    if old.kind is not kind:
        raise ResultsInvalid(
            f"results {path}: it holds figures of another kind, {old.kind}; {_ELSEWHERE}"
        )
    return old


def _joined(old: _Evaluation | None, new: _Evaluation) -> dict[str, Any]:
    """Return what changes in the new figures where the old ones are of the very same faces."""
    if old is None or _measured_on(old) != _measured_on(new):
        return {}
    measured = {report.model for report in new.models}
    models = (*new.models, *(report for report in old.models if report.model not in measured))
    joined: dict[str, Any] = {"models": models}
    names = [report.model for report in models]
    if isinstance(old, ExpressionEvaluation) and isinstance(new, ExpressionEvaluation):
        pairs = (c for c in old.comparisons if not {c.model, c.other} & measured)
        joined["comparisons"] = (*new.comparisons, *pairs)
        # The first model named is the one that others are compared with.
        names = [*(c.model for c in joined["comparisons"]), *names]
    return {**joined, "command": _command(old.command, new.command, names)}


def _measured_on(evaluation: _Evaluation) -> tuple[str, str, int]:
    """Return what is the same of the same faces, whichever models were named."""
    return evaluation.data, _NAMED.sub("", evaluation.command), evaluation.faces


def _command(old: str, new: str, models: Iterable[str]) -> str:
    """Return what measures all `models`: it names them, unless neither command named any."""
    if not _NAMED.search(old + new):
        return new
    named = (f" --model {name}" for name in dict.fromkeys(models))
    return "".join([_NAMED.sub("", new), *named])
