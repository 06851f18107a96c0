"""Problems travel as codes with parameters, and are said in the reader's language."""

from __future__ import annotations

from string import Formatter

import pytest

from contract.messages import LONGEST_TEXT, ReportedProblem
from contract.problems import CAUSE, ProblemCode, other, report, sentence
from contract.texts import Language, texts


def figures_of(code: ProblemCode, language: Language) -> set[str]:
    text = texts("contract", language)[f"problem.{code}"]
    return {name for _, name, _, _ in Formatter().parse(text) if name}


CODES = [code for code in ProblemCode if code is not ProblemCode.OTHER]


@pytest.mark.parametrize("code", CODES)
def test_both_languages_name_the_same_figures(code: ProblemCode) -> None:
    assert figures_of(code, Language.VI) == figures_of(code, Language.EN)


@pytest.mark.parametrize("code", CODES)
def test_a_report_is_said_in_both_languages_with_its_figures(code: ProblemCode) -> None:
    names = figures_of(code, Language.EN)
    parameters = {name: f"<{name}>" for name in names - {CAUSE}}
    problem = report(code, cause="a reason" if CAUSE in names else None, **parameters)
    for language in Language:
        said = sentence(problem, language)
        assert all(value in said for value in parameters.values())
        assert ("a reason" in said) == (CAUSE in names)
    assert sentence(problem, Language.EN) == problem.text


def test_a_cause_with_a_code_is_said_in_the_reader_s_language() -> None:
    cause = report(ProblemCode.STORE_DAMAGED, path="/a", reason="torn")
    problem = report(ProblemCode.RATINGS_NOT_STORED, cause=cause)
    assert sentence(problem, Language.VI) == "không lưu được đánh giá: kho /a bị hỏng: torn"


def test_a_process_is_named_as_its_readers_know_it() -> None:
    problem = report(ProblemCode.SILENT, process="watch", silent_s=47)
    assert sentence(problem, Language.VI) == "bộ quan sát (watch) đã 47 giây không báo cáo"


@pytest.mark.parametrize(
    "unknown",
    [
        ReportedProblem(code="from_the_future", text="smoke"),
        ReportedProblem(code="silent", text="smoke", parameters={"other": "1"}),
        other("smoke"),
    ],
)
def test_what_this_release_does_not_know_is_said_as_it_was_sent(unknown: ReportedProblem) -> None:
    assert sentence(unknown, Language.VI) == "smoke"


def test_long_texts_are_cut_to_what_a_message_holds() -> None:
    problem = report(ProblemCode.DISK_FULL, path="/" + "a" * 500)
    assert len(problem.text) == len(problem.parameters["path"]) == LONGEST_TEXT
    assert problem.text.endswith("…")
