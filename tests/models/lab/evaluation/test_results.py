"""Figures kept in files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from models.lab.evaluation.errors import ResultsInvalid
from models.lab.evaluation.expressions import evaluate_expressions
from models.lab.evaluation.face_report import FaceEvaluation, FaceReport
from models.lab.evaluation.results import (
    Kind,
    Results,
    read_results,
    require_target,
    save_results,
)
from models.lab.evaluation.timing import BenchReport
from tests.models.lab.evaluation.fakes import Faces, GreyReader

PEOPLE = [(label, f"{label} {index}") for label in ("happy", "sad", "neutral") for index in (0, 1)]


def measured(*names, pairs=PEOPLE):
    readers = [GreyReader(name=name) for name in names]
    return Results(expressions=evaluate_expressions(Faces(pairs), readers))


def names(path):
    return [report.model for report in read_results(path).expressions.models]


def test_what_is_saved_is_read_again(tmp_path):
    results = measured("one", "two")
    save_results(tmp_path / "new" / "a.json", results)
    assert read_results(tmp_path / "new" / "a.json") == results


def test_pictures_that_were_left_out_are_not_named_in_the_file(tmp_path):
    save_results(tmp_path / "a.json", measured("one", pairs=[*PEOPLE, ("", "An")]))
    assert read_results(tmp_path / "a.json").expressions.rejected == ()
    assert "empty" not in (tmp_path / "a.json").read_text()


def test_other_models_on_the_same_data_stay(tmp_path):
    path = tmp_path / "a.json"
    save_results(path, measured("one", "two"))
    save_results(path, measured("three"))
    assert names(path) == ["three", "one", "two"]
    assert [c.other for c in read_results(path).expressions.comparisons] == ["two"]


def test_a_model_measured_again_is_replaced(tmp_path):
    path = tmp_path / "a.json"
    save_results(path, measured("one", "two"))
    save_results(path, measured("two", "three"))
    assert names(path) == ["two", "three", "one"]
    (comparison,) = read_results(path).expressions.comparisons
    assert (comparison.model, comparison.other) == ("two", "three")


def test_figures_on_other_data_replace_all(tmp_path):
    path = tmp_path / "a.json"
    save_results(path, measured("one"))
    save_results(path, measured("two", pairs=PEOPLE[:3]))
    assert names(path) == ["two"]


@pytest.mark.parametrize("content", ["", "{", '{"expressions": {"data": 1}}'])
def test_a_damaged_file_is_named(tmp_path, content):
    path = tmp_path / "a.json"
    path.write_text(content)
    with pytest.raises(ResultsInvalid, match=r"results .*a\.json"):
        read_results(path)


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ResultsInvalid, match=r"results .*a\.json cannot be written"):
        save_results(tmp_path / "file" / "a.json", measured("one"))


def bench_results():
    return Results(bench=BenchReport(command="x", machine="y", rounds=1, timings=()))


def test_a_place_that_cannot_be_written_is_told_before(tmp_path):
    (tmp_path / "file").write_text("")
    for place, reason in (
        (tmp_path / "file" / "a.json", "cannot be written: "),
        (tmp_path, "cannot be written: it is no regular file"),
        (Path("/proc/x/y.json"), "cannot be written"),
        (tmp_path / ("a" * 300), "cannot be written: File name too long"),
    ):
        with pytest.raises(ResultsInvalid, match=reason):
            require_target(place, Kind.BENCH)


@pytest.mark.parametrize("content", ["", "a shopping list", "[]", '{"milk": 2}'])
def test_a_file_of_something_else_is_kept(tmp_path, content):
    path = tmp_path / "a.json"
    path.write_text(content)
    with pytest.raises(ResultsInvalid, match=r"a\.json: .*save to another file"):
        require_target(path, Kind.BENCH)
    with pytest.raises(ResultsInvalid, match=r"a\.json: .*save to another file"):
        save_results(path, bench_results())
    assert path.read_text() == content


def test_figures_of_another_kind_are_kept(tmp_path):
    path = tmp_path / "a.json"
    save_results(path, measured("one"))
    with pytest.raises(ResultsInvalid, match="figures of another kind, expressions; save to ano"):
        require_target(path, Kind.BENCH)
    with pytest.raises(ResultsInvalid, match="figures of another kind"):
        save_results(path, bench_results())
    assert names(path) == ["one"]


def test_a_good_target_is_left_as_it_is(tmp_path):
    path = tmp_path / "new" / "a.json"
    require_target(path, Kind.EXPRESSIONS)
    assert list(tmp_path.rglob("*.json")) == []
    save_results(path, measured("one"))
    require_target(path, Kind.EXPRESSIONS)
    assert names(path) == ["one"]


def saved_commands(path, *commands):
    """Save figures of "one" and "two" in turn, each as if measured by its command."""
    for name, command in zip(("one", "two"), commands, strict=True):
        found = measured(name).expressions
        save_results(path, Results(expressions=replace(found, command=command)))
    return read_results(path).expressions.command


@pytest.mark.parametrize(
    ("commands", "expected"),
    [
        (("x", "x"), "x"),
        (("x --model one", "x --model two"), "x --model two --model one"),
        (("x", "x --model two"), "x --model two --model one"),
        (("x --model one", "x"), "x --model two --model one"),
    ],
)
def test_the_command_names_all_models_of_the_file_if_one_was_named(tmp_path, commands, expected):
    path = tmp_path / "a.json"
    assert saved_commands(path, *commands) == expected
    assert names(path) == ["two", "one"]


def test_the_command_names_first_what_others_are_compared_with(tmp_path):
    path = tmp_path / "a.json"
    for models in (("one", "two"), ("three",)):
        command = " ".join(["x", *(f"--model {name}" for name in models)])
        found = replace(measured(*models).expressions, command=command)
        save_results(path, Results(expressions=found))
    command = read_results(path).expressions.command
    assert command == "x --model one --model three --model two"


def test_commands_on_other_data_do_not_meet(tmp_path):
    path = tmp_path / "a.json"
    assert saved_commands(path, "x --part all", "x --model two") == "x --model two"
    assert names(path) == ["two"]


def test_face_detectors_are_merged_alike(tmp_path):
    path = tmp_path / "a.json"
    for name in ("one", "two"):
        report = FaceReport(model=name, sha256="", conditions=())
        faces = FaceEvaluation(
            data="made", command=f"x --model {name}", faces=1, rejected=(), models=(report,),
            resamples=1,
        )  # fmt: skip
        save_results(path, Results(faces=faces))
    assert read_results(path).faces.command == "x --model two --model one"
