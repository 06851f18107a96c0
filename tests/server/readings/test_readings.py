"""From facts to readings: places, steps, and what cannot be asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from contract.readings import Reading, Unit, Withheld
from server.errors import BreakdownInvalid, NotFound, PeriodInvalid
from server.facts.ratings import RATINGS, RatingTotals
from server.facts.sources import Dimension, Fact
from server.kpi.catalogue import BY_ID
from server.periods import NOW, Period, Step
from server.readings.readings import (
    Breakdown,
    Question,
    Span,
    SpanFacts,
    answer,
    kpis_named,
    selection,
)
from server.scopes import PROVINCE, Scope
from server.units.units import UnitTree

AT = datetime(2026, 10, 5, 3, 0, tzinfo=UTC)
TREE = UnitTree.of(
    [
        Unit(id=name, parent=parent, kind="ward", name_vi=name, name_en=name, simulated=False)
        for name, parent in (("root", None), ("a", "root"), ("b", "root"), ("a1", "a"))
    ]
)
MIX = BY_ID["expression_mix"]
MONTH = Period.of(Step.MONTH, date(2026, 9, 1))


def question(scope: Scope = PROVINCE, period: Period | None = MONTH, **fields: object) -> Question:
    return Question(
        kpis=kpis_named(["ratings"], scope, period, None), scope=scope, period=period, **fields
    )


def rated(unit: str, n: int, *, counter: str | None = None, day: date | None = None) -> Fact:
    return Fact(unit=unit, member=counter, day=day, totals=RatingTotals(by_score=(0, 0, 0, 0, n)))


def answered(asked: Question, *facts: Fact) -> list[Reading]:
    return answer(
        asked, [SpanFacts(tree=TREE, facts={"ratings": facts, "grouped_ratings": facts})], AT
    )


def counts(readings: list[Reading]) -> dict[tuple[str, str], int]:
    return {(reading.scope, reading.period): reading.n for reading in readings}


def test_whole_scope_is_one_reading():
    found = answered(question(Scope.subtree("a")), rated("a", 2), rated("a1", 3))
    assert counts(found) == {("subtree:a", "2026-09"): 5}


def test_a_unit_that_only_a_message_named_counts_for_nobody_but_itself():
    stranger = replace(TREE.units["b"], id="mistyped", parent=None, accepted=False)
    tree = UnitTree.of([*TREE.units.values(), stranger])
    rows = [rated("a", 2, counter="c"), rated("mistyped", 9, counter="c")]
    facts = {"ratings": rows, "grouped_ratings": rows}

    def found(**asked: object) -> dict[tuple[str, str], int]:
        return counts(answer(question(**asked), [SpanFacts(tree=tree, facts=facts)], AT))

    assert found() == {("province", "2026-09"): 2}
    assert ("subtree:mistyped", "2026-09") not in found(by=Breakdown.UNIT)
    assert list(found(by=Breakdown.COUNTER)) == [("counter:a/c", "2026-09")]


def test_by_unit_each_covers_what_lies_below_it():
    found = answered(question(by=Breakdown.UNIT), rated("a", 2), rated("a1", 3), rated("old", 9))
    assert counts(found) == {
        ("subtree:root", "2026-09"): 5, ("subtree:a", "2026-09"): 5,
        ("subtree:b", "2026-09"): 0, ("subtree:a1", "2026-09"): 3,
    }  # fmt: skip


def test_by_counter_each_is_on_its_own():
    found = answered(
        question(Scope.of_unit("a"), by=Breakdown.COUNTER),
        rated("a", 2, counter="1"),
        rated("a", 3, counter="2"),
    )
    assert counts(found) == {("counter:a/1", "2026-09"): 2, ("counter:a/2", "2026-09"): 3}


def test_by_step_every_part_has_a_reading_also_the_empty_one():
    quarter = Period.parse("2026-Q3", AT)
    found = answered(question(period=quarter, step=Step.MONTH), rated("a", 2, day=date(2026, 8, 1)))
    assert [(reading.period, reading.n, reading.withheld) for reading in found] == [
        ("2026-07", 0, Withheld.NO_DATA), ("2026-08", 2, None), ("2026-09", 0, Withheld.NO_DATA),
    ]  # fmt: skip


def test_without_a_period_each_kpi_has_its_own():
    asked = Question(
        kpis=kpis_named(["people_waiting", "ratings"], PROVINCE, None, None),
        scope=PROVINCE,
        period=None,
    )
    found = answer(asked, [SpanFacts(tree=TREE, facts={"queues": (), "ratings": ()})], AT)
    assert [reading.period for reading in found] == ["now", "2026-10-05"]


@pytest.mark.parametrize(
    ("period", "some", "others"),
    [(NOW, "people_waiting", "ratings"), (MONTH, "ratings", "people_waiting")],
)
def test_without_names_every_kpi_that_answers_the_period(period, some, others):
    found = {kpi.id for kpi in kpis_named([], PROVINCE, period, None)}
    assert some in found
    assert others not in found
    with pytest.raises(PeriodInvalid, match=others):
        kpis_named([others], PROVINCE, period, None)


def test_unknown_kpi_is_named():
    with pytest.raises(NotFound, match="'x' is not known"):
        kpis_named(["x"], PROVINCE, None, None)


def test_selection_is_what_the_scope_holds():
    chosen = selection(question(Scope.subtree("a")), RATINGS, Span(tree=TREE), AT)
    assert set(chosen.units) == {"a", "a1"}
    assert selection(question(), RATINGS, Span(tree=TREE), AT).units is None
    counter = selection(question(Scope.of_counter("a", "1")), RATINGS, Span(tree=TREE), AT)
    assert (counter.units, counter.where) == (("a",), {Dimension.COUNTER: "1"})


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        (question(Scope.subtree("nowhere")), NotFound),
        (question(Scope.of_unit("a"), by=Breakdown.UNIT), BreakdownInvalid),
        (Question(kpis=(BY_ID["people_waiting"],), scope=PROVINCE, period=NOW, step=Step.DAY),
         BreakdownInvalid),
        (Question(kpis=(MIX,), scope=PROVINCE, period=MONTH, by=Breakdown.COUNTER),
         BreakdownInvalid),
        (Question(kpis=(MIX,), scope=Scope.of_counter("a", "1"), period=MONTH), BreakdownInvalid),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(asked, error):
    with pytest.raises(error):
        selection(asked, asked.kpis[0].source, Span(tree=TREE), AT)


def test_more_readings_than_anybody_reads_are_refused():
    years = Period.range(date(2001, 1, 1), date(2190, 1, 1))
    with pytest.raises(BreakdownInvalid, match="50,000 readings"):
        answered(question(period=years, step=Step.DAY))
