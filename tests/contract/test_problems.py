"""Sentences of problems: what a unit says is what a screen hears."""

from __future__ import annotations

from string import Formatter

import pytest

from contract.problems import Problem, hear


def figures_of(problem: Problem) -> dict[str, str]:
    """Return figures that look like nothing else in a sentence."""
    names = [name for _, name, _, _ in Formatter().parse(problem.value) if name]
    return {name: f"/a path/{number}: (x); " for number, name in enumerate(names)}


@pytest.mark.parametrize("problem", Problem)
def test_what_is_said_is_heard_with_its_figures(problem: Problem) -> None:
    figures = figures_of(problem)
    assert hear(problem.say(**figures)) == (problem, figures)


@pytest.mark.parametrize("inner", Problem)
@pytest.mark.parametrize("outer", [Problem.NOT_WATCHING, Problem.RATINGS_NOT_STORED])
def test_a_sentence_within_a_sentence_is_heard_as_its_detail(
    outer: Problem, inner: Problem
) -> None:
    detail = inner.say(**figures_of(inner))
    assert hear(outer.say(detail=detail)) == (outer, {"detail": detail})


@pytest.mark.parametrize(
    ("sentence", "problem"),
    [
        ("watch has not reported for 47 s", Problem.SILENT),
        ("kiosk has not reported since the last start of the machine", Problem.SILENT_SINCE_START),
        ("camera gives no pictures: check plug, power and address", Problem.CAMERA_MISSING),
        ("the server has confirmed nothing for 61 s", Problem.SERVER_SILENT),
        ("no expression model: visits are counted without expressions", Problem.NO_EXPRESSIONS),
        ("ratings cannot be stored: store /a is damaged: torn", Problem.RATINGS_NOT_STORED),
    ],
)
def test_units_in_the_field_are_understood(sentence: str, problem: Problem) -> None:
    heard = hear(sentence)
    assert heard is not None
    assert heard[0] is problem


@pytest.mark.parametrize("sentence", ["", "smoke", "watch has not reported for", "a\nb"])
def test_other_sentences_are_not_ours(sentence: str) -> None:
    assert hear(sentence) is None
