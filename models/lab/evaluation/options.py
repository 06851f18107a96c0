"""The options of one call of `motcua models evaluate`, and which of them contradict each other."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from pathlib import Path

from contract.manifest import ModelTask
from edge.vision.registry import AUTO
from models.lab.evaluation.errors import OptionsUnfit
from models.lab.evaluation.fer2013 import Split
from models.lab.evaluation.folder import Choice
from models.lab.evaluation.places import found_in, require_folder

_CONTRADICTIONS = (
    ("--fer2013", "--labels", "the benchmark has labels of its own"),
    ("--fer2013", "--faces", "its pictures are face squares already"),
    ("--fer2013", "--cropped", "its pictures are face squares already"),
    ("--fer2013", "--detector", "its pictures are face squares already"),
    ("--fer2013", "--part", "it names no people; --split takes one of its splits"),
    ("--cropped", "--faces", "face squares are used whole"),
    ("--cropped", "--detector", "face squares are used whole"),
    ("--faces", "--detector", "faces that are listed are not searched"),
)
_FOR_EXPRESSIONS = ("--fer2013", "--split", "--cropped", "--detector")
_FOR_FACES = ("--without-faces",)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationRequest:
    """The options of one call; `models` are names, none standing for all usable expression models.

    A model that is named ends the call where it cannot be judged; another one is left out. No
    `split` stands for the public one.
    """

    models: tuple[str, ...] = ()
    fer2013: Path | None = None
    split: Split | None = None
    images: Path | None = None
    labels: Path | None = None
    faces: Path | None = None
    is_cropped: bool = False
    part: Choice = Choice.ALL
    detector: str = AUTO
    without_faces: tuple[Path, ...] = ()
    threads: int = 1

    @property
    def command(self) -> str:
        """The call that measures the same again, with the names of files but not their places.

        Files inside of `images` are named as seen from there, where they are looked for, too.
        """
        words = ["motcua models evaluate"]
        for option, path in (
            ("--fer2013", self.fer2013),
            ("--images", self.images),
            ("--labels", self.labels),
            ("--faces", self.faces),
        ):
            words += [f"{option} {self._called(path)}"] if path else []
        words += [f"--split {self.split}"] if self.split not in {None, Split.PUBLIC} else []
        words += ["--cropped"] if self.is_cropped else []
        words += [f"--part {self.part}"] if self.part is not Choice.ALL else []
        words += [f"--detector {self.detector}"] if self.detector != AUTO else []
        words += [f"--without-faces {self._called(path)}" for path in self.without_faces]
        words += [f"--model {name}" for name in self.models]
        return " ".join(words)

    @property
    def given(self) -> frozenset[str]:
        """The options that say where the faces come from."""
        values = {
            "--fer2013": self.fer2013,
            "--split": self.split,
            "--images": self.images,
            "--labels": self.labels,
            "--faces": self.faces,
            "--cropped": self.is_cropped,
            "--part": self.part is not Choice.ALL,
            "--detector": self.detector != AUTO,
            "--without-faces": self.without_faces,
        }
        return frozenset(option for option, value in values.items() if value)

    def _called(self, path: Path) -> str:
        place = path.resolve()
        folder = self.images.resolve() if self.images else place
        is_inside = place != folder and place.is_relative_to(folder)
        return shlex.quote(str(place.relative_to(folder)) if is_inside else place.name)


def located(request: EvaluationRequest) -> EvaluationRequest:
    """Return the request with `labels` and `faces` where they lie: here, or else in `images`.

    Raises DataMissing naming both places.
    """
    if request.images is None:
        return request
    require_folder(request.images)
    labels, faces = (
        None if file is None else found_in(request.images, file)
        for file in (request.labels, request.faces)
    )
    return replace(request, labels=labels, faces=faces)


def require_consistent(request: EvaluationRequest, task: ModelTask) -> None:
    """Raise OptionsUnfit where an option contradicts another, or does nothing for the task."""
    given = request.given
    if {"--fer2013", "--images"} <= given:
        raise OptionsUnfit("--fer2013 and --images are two collections: evaluate one at a time")
    for one, other, why in _CONTRADICTIONS:
        if {one, other} <= given:
            raise OptionsUnfit(f"{one} and {other} contradict each other: {why}; leave one out")
    reads_expressions = task is ModelTask.EXPRESSION
    kinds = ("face detectors", "models that read expressions")
    idle = [o for o in (_FOR_FACES if reads_expressions else _FOR_EXPRESSIONS) if o in given]
    if idle:
        other, this = kinds if reads_expressions else kinds[::-1]
        raise OptionsUnfit(f"{idle[0]} is for {other}, not for {this}: leave it out")
    if "--split" in given and "--fer2013" not in given:
        raise OptionsUnfit("--split is for --fer2013; --part takes some people of --images")
