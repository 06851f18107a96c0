"""Words: every sentence that a unit can send has its Vietnamese."""

from __future__ import annotations

from string import Formatter

import pytest

from contract.problems import Problem
from dashboards import words
from edge.store.shared_state import ProcessName


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


@pytest.mark.parametrize("problem", Problem)
def test_each_problem_is_told_in_vietnamese_with_all_its_figures(problem: Problem) -> None:
    assert fields(words.PROBLEMS[problem]) == fields(problem.value)


def test_each_process_of_a_unit_has_a_vietnamese_name() -> None:
    assert set(words.PROCESSES) == set(ProcessName)
