"""What a unit's citizens answered on telephones, by question, in groups of ten or more. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from contract.texts import Language
from server.kpi.statistics import SHARE_MINIMUM_N, wilson
from server.phone.questions import QuestionSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One question with how many answered it, and the share of them that is satisfied.

    The share has a 95 % interval; all three are None with fewer answers than a share needs.
    """

    questions: str
    question: str
    vi: str
    en: str
    n: int
    share_satisfied: float | None
    low: float | None
    high: float | None


def answered(
    rows: Iterable[tuple[str, str, int, int]], sets: Mapping[str, QuestionSet]
) -> list[Answered]:
    """Return the figures of `rows` of set, question, n and satisfied; in the sets' own order.

    A question that no set asks any more stands last, under its key.
    """
    order = {
        (one.key, question.key): question for one in sets.values() for question in one.questions
    }
    places = {key: number for number, key in enumerate(order)}
    found = []
    for questions, key, n, satisfied in sorted(
        rows, key=lambda row: (places.get((row[0], row[1]), len(places)), row[:2])
    ):
        question = order.get((questions, key))
        told = wilson(satisfied, n) if n >= SHARE_MINIMUM_N else None
        found.append(
            Answered(
                questions=questions,
                question=key,
                vi=question.texts[Language.VI] if question else key,
                en=question.texts[Language.EN] if question else key,
                n=n,
                share_satisfied=told.value if told else None,
                low=told.low if told else None,
                high=told.high if told else None,
            )
        )
    return found
