"""The rankings page shows ranks as ranges in groups, and colours only who clearly differs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from contract.readings import Reading, Withheld
from dashboards.api.classes import Band, Class, Said, Scheme
from dashboards.api.rankings import (
    Bounded,
    Funnel,
    Lines,
    OverExpected,
    Rank,
    Ranked,
    RankedKind,
    Ranking,
)
from dashboards.desk.standing_rows import Shown, name_of_member, names_of, standings_grid
from dashboards.desk.standings import log_ticks, render_funnel, render_ranks
from dashboards.look.theme import PALETTE

GOOD = Said(vi="Tốt", en="Good")
LINES = Lines(
    expected=(10.0, 100.0),
    low_95=(0.5, 0.8),
    high_95=(1.7, 1.2),
    low_998=(0.3, 0.7),
    high_998=(2.2, 1.3),
)


def member(name, *, median=None, group=None, flagged=False, value=0.9, **fields):
    """Return a row; without a median one that has too few cases to be ranked."""
    share = Bounded(value=value, low=value - 0.02, high=value + 0.02)
    if median is None:
        return Ranked(member=name, unit=name.partition("/")[0], n=50, estimate=share, **fields)
    return Ranked(
        member=name,
        unit=name.partition("/")[0],
        n=500,
        estimate=share,
        adjusted=share,
        rank=Rank(median=median, low=max(1, median - 1), high=median + 2),
        group=group,
        flagged=flagged,
        over_expected=OverExpected(observed=60, expected=50.0),
        **fields,
    )


KIND = RankedKind(
    kind="ward",
    level=0.85,
    rows=(
        member("worst", median=3, group=2, flagged=True, value=0.7),
        member("small"),
        member("best", median=1, group=1, flagged=True, suspect_n=25),
        member("middle", median=2, group=1, value=0.86),
    ),
    funnel=Funnel(exact=LINES, added=LINES),
)
RANKING = Ranking(
    by="unit", computed_at=datetime(2026, 11, 1, tzinfo=UTC), running=False, kinds=(KIND,)
)


def test_ranks_are_drawn_from_the_best_with_a_ground_for_each_group():
    drawn = render_ranks(KIND, {})
    (points,) = drawn["data"]
    assert points["y"] == [1, 2, 3]
    assert points["error_y"]["array"] == [2, 2, 2]
    assert points["marker"]["color"] == [PALETTE.live, PALETTE.ink_soft, PALETTE.mix_negative]
    assert [(each["x0"], each["x1"]) for each in drawn["layout"]["shapes"]] == [
        (0.5, 2.5),
        (2.5, 3.5),
    ]


def test_funnel_shows_each_ranked_member_once_and_every_limit():
    drawn = render_funnel(KIND, {"best": "Phường Nhất"})
    *lines, points = drawn["data"]
    assert points["y"] == [1.2] * 3
    assert sum("Phường Nhất" in text for text in points["text"]) == 1
    assert len(lines) == 9


def test_rows_say_ranges_suspects_and_small_samples():
    shown = Shown(
        ranking=RANKING, kind=KIND, names={}, simulated=frozenset({"middle"}), response={}
    )
    rows = {row["id"]: row for row in standings_grid("grid", shown, "").rowData}
    assert (rows["best"]["rank"]["text"], rows["best"]["rank"]["note"]) == ("hạng 1", "khoảng 1–3")
    assert "25" in rows["best"]["unit"]["note"]
    assert rows["middle"]["unit"]["mark"]
    assert rows["small"]["rank"]["text"] == "chưa đủ mẫu"
    assert "sort" not in rows["small"]["rank"]
    assert rows["best"]["verdict"]["state"] == "online"
    assert rows["worst"]["verdict"]["state"] == "problem"


def test_official_and_experience_scores_stand_apart_and_say_what_they_lack():
    def judged(unit, total, band, *missing):
        return Class(
            unit=unit, known=Decimal(total or 0), highest=Decimal(90), missing=missing,
            criteria=(), total=total and Decimal(total), band=band,
        )  # fmt: skip

    told = Reading(
        kpi="experience_index", version=1, scope="subtree:best", period="2026-10", n=90,
        value=81.25, low=78.0, high=84.0,
    )  # fmt: skip
    hidden = replace(told, value=None, low=None, high=None, withheld=Withheld.SMALL_SAMPLE)
    scheme = Scheme(
        id="s", version=1, level="unit", name=GOOD, basis=GOOD, maximum=Decimal(100),
        periods=("month",), to_be_filled_in=False, criteria=(), bands=(Band(id="a", name=GOOD),),
    )  # fmt: skip
    shown = Shown(
        ranking=RANKING, kind=KIND, names={}, simulated=frozenset(), response={}, scheme=scheme,
        official={"best": judged("best", "82.50", "a", "x"), "worst": judged("worst", None, None)},
        experience={"best": told, "worst": hidden},
    )  # fmt: skip
    rows = {row["id"]: row for row in standings_grid("grid", shown, "").rowData}
    assert rows["best"]["official"] == {
        "text": "82,50", "note": "Tốt, thiếu 1", "sort": 82.5, "figure": 82.5
    }  # fmt: skip
    assert rows["worst"]["official"]["state"] == "withheld"
    assert rows["best"]["experience"]["text"] == "81,2"
    assert rows["best"]["experience"]["note"] == "78,0–84,0"
    assert rows["worst"]["experience"] == {"text": "chưa đủ mẫu", "state": "withheld"}
    assert "text" not in rows["middle"]["official"]


def test_members_are_named_by_their_unit_and_what_they_are_within_it():
    assert name_of_member(member("a/quay-1"), {"a": "Phường A"}) == "Phường A · quay-1"
    assert name_of_member(member("1.2", name_vi="Khai sinh"), {}) == "1.2 Khai sinh"
    assert names_of((), RANKING)["best"] == "best"


def test_a_kind_of_which_nobody_is_ranked_has_empty_figures():
    kind = RankedKind(kind="centre", rows=(member("alone"),))
    assert render_ranks(kind, {})["data"][0]["x"] == []
    assert render_funnel(kind, {})["data"][-1]["x"] == []


@pytest.mark.parametrize(
    ("shown", "ticks"),
    [
        ([1, 12_000], [1, 10, 100, 1_000, 10_000]),
        ([8, 900], [10, 20, 50, 100, 200, 500]),
        ([50, 105], [50, 70, 100]),
        ([62, 78], [70]),
    ],
)
def test_the_funnels_axis_has_ticks_within_what_is_shown(shown, ticks):
    assert log_ticks(shown) == ticks
