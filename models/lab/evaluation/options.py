"""The options of one call of `motcua models evaluate`, and which of them contradict each other."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from contract.manifest import ModelTask
from edge.vision.registry import AUTO
from models.lab.evaluation.errors import DataMissing, OptionsUnfit
from models.lab.evaluation.fer2013 import Split
from models.lab.evaluation.folder import require_folder
from models.lab.splits import Part

_CONTRADICTIONS = (
    (
        "--fer2013",
        ("--images", "--labels", "--faces", "--cropped", "--detector", "--part"),
        "the benchmark has pictures, labels and splits of its own",
    ),
    ("--cropped", ("--faces", "--detector"), "face squares are used whole"),
    ("--faces", ("--detector",), "faces that are listed are not searched"),
)
_FOR_EXPRESSIONS = ("--fer2013", "--split", "--cropped", "--detector")
_FOR_FACES = ("--without-faces",)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationRequest:
    """The options of one call by their names; no `model` stands for all usable expression models.

    A model that is named ends the call where it cannot be judged; another one is left out. No
    `split` stands for the public one.
    """

    fer2013: Path | None = None
    images: Path | None = None
    labels: Path | None = None
    faces: Path | None = None
    split: Split | None = None
    cropped: bool = False
    part: Part | None = None
    detector: str = AUTO
    without_faces: tuple[Path, ...] = ()
    model: tuple[str, ...] = ()

    @property
    def given(self) -> Mapping[str, object]:
        """The options that are not as they are by default."""
        values = {field: getattr(self, field.name) for field in fields(self)}
        return {
            f"--{field.name.replace('_', '-')}": value
            for field, value in values.items()
            if value != field.default
        }

    @property
    def command(self) -> str:
        """The call that measures the same again, with the names of files but not their places."""
        return command_of("motcua models evaluate", self.given, self._called)

    def _called(self, path: Path) -> str:
        """Return a file's name, as seen from `images`, where it is looked for, too."""
        place = path.resolve()
        folder = self.images.resolve() if self.images else place
        is_inside = place != folder and place.is_relative_to(folder)
        return shlex.quote(str(place.relative_to(folder)) if is_inside else place.name)


def command_of(name: str, given: Mapping[str, object], called: Callable[[Path], str] = str) -> str:
    """Return the text of a call: an option for each value, alone where that is True."""
    words = [name]
    for option, values in given.items():
        for value in values if isinstance(values, tuple) else (values,):
            text = called(value) if isinstance(value, Path) else str(value)
            words.append(option if value is True else f"{option} {text}")
    return " ".join(words)


def located(request: EvaluationRequest) -> EvaluationRequest:
    """Return the request with `labels` and `faces` where they lie: here, or else in `images`.

    Raises DataMissing naming both places.
    """
    if request.images is None:
        return request
    require_folder(request.images)
    labels, faces = (
        None if file is None else _found_in(request.images, file)
        for file in (request.labels, request.faces)
    )
    return replace(request, labels=labels, faces=faces)


def require_consistent(request: EvaluationRequest, task: ModelTask) -> None:
    """Raise OptionsUnfit where an option contradicts another, or does nothing for the task."""
    given = request.given
    for one, others, why in _CONTRADICTIONS:
        for other in others:
            if {one, other} <= given.keys():
                raise OptionsUnfit(f"{one} and {other} contradict each other: {why}; leave one out")
    reads_expressions = task is ModelTask.EXPRESSION
    kinds = ("face detectors", "models that read expressions")
    idle = [o for o in (_FOR_FACES if reads_expressions else _FOR_EXPRESSIONS) if o in given]
    if idle:
        other, this = kinds if reads_expressions else kinds[::-1]
        raise OptionsUnfit(f"{idle[0]} is for {other}, not for {this}: leave it out")
    if "--split" in given and "--fer2013" not in given:
        raise OptionsUnfit("--split is for --fer2013; --part takes some people of --images")


def _found_in(folder: Path, file: Path) -> Path:
    """Return `file` as seen from the working folder, or else inside `folder`."""
    for place in (file, folder / file):
        try:
            if place.exists():
                return place
        except OSError:  # it may be there: who reads it says what is wrong
            return place
    if file.is_absolute():
        raise DataMissing(f"{file} is not there")
    raise DataMissing(f"neither {file} nor {folder / file} is there")
