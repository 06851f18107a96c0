"""Points, totals and classes: exact bounds, what is empty or missing, and what is not compared."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.readings import Withheld
from contract.texts import Language
from server.errors import NotScored
from server.schemes.explanations import Names, as_text, explain
from server.schemes.schemes import Rounding, RoundingMode
from server.schemes.scores import State, change
from tests.server.schemes.given import entered, scheme, scored, share

ND61 = [each.id for each in scheme("nd61-2018").terms()]


def nine(points: int) -> list:
    """Return entries of nine criteria that add up to `points`."""
    return [
        entered(term, points=min(2, max(0, points - 2 * place))) for place, term in enumerate(ND61)
    ]


@pytest.mark.parametrize(
    ("points", "band"),
    [
        (18, "excellent"), (15, "excellent"), (14, "good"), (12, "good"), (11, "fair"),
        (9, "fair"), (8, "average"), (6, "average"), (5, "weak"), (0, "weak"),
    ],
)  # fmt: skip
def test_a_bound_of_decree_61_belongs_to_the_better_class(points, band):
    found = scored(scheme("nd61-2018"), *nine(points))
    assert (found.total, found.band) == (Decimal(points), band)


def test_a_criterion_that_nobody_scored_withholds_the_class():
    found = scored(scheme("nd61-2018"), *nine(18)[1:])
    assert (found.total, found.band) == (None, None)
    assert (found.known, found.highest) == (Decimal(16), Decimal(18))
    assert found.missing == (ND61[0],)


def terms_of(by: str, *known):
    found = scored(scheme(by), *known)
    return {term.id: term for each in found.components for term in each.terms}


def test_what_empty_and_missing_earn_is_each_components_own_rule():
    found = terms_of(
        "qd766-2022", share("complaints_on_time", 0, 0), share("dossiers_on_time", 0, 0)
    )
    earned = {id_: (term.state, term.exact) for id_, term in found.items()}
    assert earned["complaints_on_time"] == (State.EMPTY, Fraction(6))
    assert earned["dossiers_satisfied"] == (State.EMPTY, Fraction(0))
    assert earned["complaints_satisfied"] == (State.MISSING, Fraction(0))
    assert earned["certified_copies"] == (State.MISSING, Fraction(0))
    entered_none = terms_of("qd766-2022", entered("certified_copies", counts=(0, 0)))
    assert entered_none["certified_copies"].exact == 2


def test_a_reading_stands_above_what_was_entered_unless_it_says_nothing():
    counts = entered("on_time", counts=(1, 2))
    read = terms_of("qd766-2022", share("dossiers_on_time", 3, 4), counts)
    assert (read["on_time"].state, read["on_time"].exact) == (State.COMPUTED, Fraction(15))
    empty = terms_of("qd766-2022", share("dossiers_on_time", 0, 0), counts)
    assert (empty["on_time"].state, empty["on_time"].exact) == (State.ENTERED, Fraction(10))


def test_a_sample_that_is_too_small_is_missing_and_not_zero():
    few = replace(share("share_satisfied", 5, 7), value=None, withheld=Withheld.SMALL_SAMPLE)
    found = scored(scheme("sipas-style"), few)
    assert found.total is None
    survey = scored(scheme("sipas-style"), few, entered("index.access", counts=(8, 10)))
    assert survey.total == Decimal("80.00")


def test_the_task_points_of_officers_are_the_mean_of_three():
    found = scored(
        scheme("nd335-2025"),
        entered("general", points=28),
        replace(share("dossiers_done", 30, 30), value=30.0),
        replace(share("dossiers_overdue", 0, 0), value=0.0, withheld=None),
        entered("tasks.quality", counts=(9, 10)),
        share("dossiers_on_time", 27, 30),
    )
    # 70 x (1 + 0.9 + 0.9) / 3 = 65.333...
    assert (found.total, found.band) == (Decimal("93.33"), "excellent")


def test_scores_of_different_formulas_are_not_compared():
    by = scheme("nd61-2018")
    former, later = scored(by, *nine(12)), scored(by, *nine(15))
    assert change(former, later) == 3
    newer = scored(replace(by, version=2), *nine(15))
    with pytest.raises(NotScored, match=r"version 1 .* version 2 .* not compared"):
        change(former, newer)


@pytest.mark.parametrize(
    ("mode", "figure", "rounded"),
    [
        (RoundingMode.HALF_UP, "0.125", "0.13"),
        (RoundingMode.HALF_EVEN, "0.125", "0.12"),
        (RoundingMode.HALF_EVEN, "0.135", "0.14"),
        (RoundingMode.DOWN, "0.129", "0.12"),
    ],
)
def test_rounding_is_the_schemes_own(mode, figure, rounded):
    assert Rounding(places=2, mode=mode).round(Fraction(figure)) == Decimal(rounded)


@given(n=st.integers(1, 10**7), data=st.data())
def test_points_lie_within_the_maximum_and_rise_with_the_share(n, data):
    hits = data.draw(st.integers(0, n))
    by = scheme("qd766-2022")
    fewer, more = (
        scored(by, share("dossiers_on_time", each, n), share("data_reused", each, n))
        for each in (max(0, hits - 1), hits)
    )
    for low, high, criterion in zip(
        fewer.components, more.components, by.components(), strict=True
    ):
        assert 0 <= low.points <= high.points <= criterion.maximum
    exact = {term.id: term for each in more.components for term in each.terms}["on_time"]
    assert exact.numerator == hits  # a share times its n is a whole number again


def test_an_explanation_leads_from_the_point_to_the_rows():
    by = scheme("qd766-2022")
    found = scored(
        by,
        share("dossiers_on_time", 2541, 2618),
        share("dossier_ratings", 0, 1),
        entered("published_on_time", counts=(1, 47)),
        entered("online", points="6.31"),
    )
    names = Names(whom="", unit="Phường Từ Sơn", kpis={"dossiers_on_time": "Hồ sơ đúng hạn"})
    text = as_text(explain(by, found, names, Language.VI))
    for said in (
        "Hồ sơ giải quyết trước và đúng hạn: 19,41/20",
        "20 × 2.541 / 2.618 = 19,4118",
        "Số liệu: Hồ sơ đúng hạn = 0,9706 (n = 2.618, kỳ 2026-10, cập nhật 31/10/2026 12:00).",
        "6 × (2.540 / 2.618) ÷ 90 % = 6,468, tối đa 6: 6",
        "Minh chứng: Báo cáo số 12 (tran-binh, 31/10/2026 12:00)",
        "được nhập 6,31 điểm",
        "Chưa có số liệu cho 13 tiêu chí",
    ):
        assert said in text
    english = as_text(explain(by, found, names, Language.EN))
    assert "20 × 2.541 / 2.618 = 19,4118" in english
