"""Figures kept in files."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.lab.evaluation.errors import ResultsInvalid
from models.lab.evaluation.expressions import evaluate_expressions
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


def test_figures_replace_older_ones_of_their_kind(tmp_path):
    path = tmp_path / "a.json"
    save_results(path, measured("one"))
    save_results(path, measured("two"))
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
