"""Options of an evaluation: which contradict each other, and the command that they make."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract.manifest import ModelTask
from models.lab.evaluation.errors import OptionsUnfit
from models.lab.evaluation.fer2013 import Split
from models.lab.evaluation.folder import Choice
from models.lab.evaluation.options import EvaluationRequest, located, require_consistent

HERE = Path("somewhere")
READS, FINDS = ModelTask.EXPRESSION, ModelTask.FACE_DETECTION


@pytest.mark.parametrize(
    ("task", "options", "message"),
    [
        (READS, {"is_cropped": True, "faces": HERE}, "--cropped and --faces contradict"),
        (READS, {"is_cropped": True, "detector": "x"}, "--cropped and --detector contradict"),
        (READS, {"faces": HERE, "detector": "x"}, "--faces and --detector contradict each other"),
        (READS, {"fer2013": HERE, "images": HERE}, "are two collections"),
        (READS, {"fer2013": HERE, "labels": HERE}, "--fer2013 and --labels contradict"),
        (READS, {"fer2013": HERE, "part": Choice.VALIDATION}, "--fer2013 and --part contradict"),
        (READS, {"images": HERE, "split": Split.PUBLIC}, "--split is for --fer2013"),
        (READS, {"without_faces": (HERE,)}, "--without-faces is for face detectors, not for mod"),
        (FINDS, {"fer2013": HERE}, "--fer2013 is for models that read expressions, not for face"),
        (FINDS, {"images": HERE, "is_cropped": True}, "--cropped is for models that read"),
        (FINDS, {"images": HERE, "detector": "x"}, "--detector is for models that read"),
    ],
)
def test_options_that_do_nothing_or_contradict_are_refused(task, options, message):
    with pytest.raises(OptionsUnfit, match=message):
        require_consistent(EvaluationRequest(**options), task)


@pytest.mark.parametrize(
    ("task", "options"),
    [
        (READS, {"images": HERE, "labels": HERE, "faces": HERE, "part": Choice.VALIDATION}),
        (READS, {"images": HERE, "labels": HERE, "detector": "x"}),
        (READS, {"images": HERE, "labels": HERE, "is_cropped": True}),
        (READS, {"fer2013": HERE, "split": Split.PRIVATE}),
        (FINDS, {"images": HERE, "labels": HERE, "faces": HERE, "without_faces": (HERE,)}),
    ],
)
def test_options_that_belong_together_are_taken(task, options):
    require_consistent(EvaluationRequest(**options), task)


def test_the_command_runs_from_the_folder_that_holds_the_pictures(tmp_path, monkeypatch):
    folder = tmp_path / "my pictures"
    (folder / "more").mkdir(parents=True)
    for name in ("labels.csv", "more/faces.csv"):
        (folder / name).write_text("")
    request = EvaluationRequest(
        images=folder, labels=folder / "labels.csv", faces=folder / "more" / "faces.csv"
    )
    assert request.command == (
        "motcua models evaluate --images 'my pictures' --labels labels.csv --faces more/faces.csv"
    )
    monkeypatch.chdir(tmp_path)
    printed = EvaluationRequest(
        images=Path("my pictures"), labels=Path("labels.csv"), faces=Path("more/faces.csv")
    )
    found = located(printed)
    assert found.labels == Path("my pictures/labels.csv")
    assert found.faces == Path("my pictures/more/faces.csv")
    assert found.command == request.command
