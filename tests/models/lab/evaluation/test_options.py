"""Options of an evaluation: which contradict each other, and the command that they make."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from contract.manifest import ModelTask
from models.lab.evaluation.errors import DataMissing, OptionsUnfit
from models.lab.evaluation.fer2013 import Split
from models.lab.evaluation.options import EvaluationRequest, located, require_consistent
from models.lab.splits import Part

HERE = Path("somewhere")
READS, FINDS = ModelTask.EXPRESSION, ModelTask.FACE_DETECTION


@pytest.mark.parametrize(
    ("task", "options", "message"),
    [
        (READS, {"cropped": True, "faces": HERE}, "--cropped and --faces contradict"),
        (READS, {"cropped": True, "detector": "x"}, "--cropped and --detector contradict"),
        (READS, {"faces": HERE, "detector": "x"}, "--faces and --detector contradict each other"),
        (READS, {"fer2013": HERE, "images": HERE}, "--fer2013 and --images contradict"),
        (READS, {"fer2013": HERE, "labels": HERE}, "--fer2013 and --labels contradict"),
        (READS, {"fer2013": HERE, "part": Part.VALIDATION}, "--fer2013 and --part contradict"),
        (READS, {"images": HERE, "split": Split.PUBLIC}, "--split is for --fer2013"),
        (READS, {"without_faces": (HERE,)}, "--without-faces is for face detectors, not for mod"),
        (FINDS, {"fer2013": HERE}, "--fer2013 is for models that read expressions, not for face"),
        (FINDS, {"images": HERE, "cropped": True}, "--cropped is for models that read"),
        (FINDS, {"images": HERE, "detector": "x"}, "--detector is for models that read"),
    ],
)
def test_options_that_do_nothing_or_contradict_are_refused(task, options, message):
    with pytest.raises(OptionsUnfit, match=message):
        require_consistent(EvaluationRequest(**options), task)


@pytest.mark.parametrize(
    ("task", "options"),
    [
        (READS, {"images": HERE, "labels": HERE, "faces": HERE, "part": Part.VALIDATION}),
        (READS, {"images": HERE, "labels": HERE, "detector": "x"}),
        (READS, {"images": HERE, "labels": HERE, "cropped": True}),
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


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A working folder with a folder of pictures, which has labels.csv."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "labels.csv").write_text("inside")
    return tmp_path


def labels_of(path):
    return located(EvaluationRequest(images=Path("images"), labels=Path(path))).labels


def test_a_file_is_looked_for_inside_the_folder_unless_it_is_here(here):
    assert labels_of("labels.csv").read_text() == "inside"
    (here / "labels.csv").write_text("here")
    assert labels_of("labels.csv").read_text() == "here"


def test_both_places_of_a_missing_file_are_named(here):
    with pytest.raises(DataMissing, match=r"^neither faces\.csv nor images/faces\.csv is there$"):
        labels_of("faces.csv")
    with pytest.raises(DataMissing, match=f"^{re.escape(str(here))}/faces.csv is not there$"):
        labels_of(here / "faces.csv")
