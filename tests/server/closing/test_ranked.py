"""Closed ranks are the same for whoever reads them; who may see more is told more of them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from server.access.principals import EVERYWHERE, NOWHERE, Reach
from server.closing.closings import Closing
from server.closing.holdings import Holdings
from server.closing.parts import Part, PartKind
from server.closing.ranked import AskedRanks, ranked_kinds_of
from server.rankings.measures import Ranked
from server.scopes import PROVINCE, Scope

AT = datetime(2026, 10, 5, tzinfo=UTC)
CLOSING = Closing(
    number=1, period="2026-09", first_day=date(2026, 9, 1), end_day=date(2026, 10, 1), version=1,
    closed_at=AT, known_at=AT, closed_by="x", cause={}, changes=(), digest=b"", link_number=None,
    link=None, previous=b"", seal=b"", key="", signature=b"",
)  # fmt: skip
ABOUT = {"kpi": "share_satisfied", "by": "counter", "scope": "province"}
ASKED = AskedRanks(kpi="share_satisfied", by=Ranked.COUNTER, scope=PROVINCE)
OWN = Reach(units=frozenset({"b"}))


def row(unit: str, place: int, **more: Any) -> dict[str, Any]:
    return {"member": f"{unit}/1", "unit": unit, "n": 200, "rank": {"median": place}} | more


def held(*parts: Part, format_: int = 3, **figures: Any) -> Holdings:
    return Holdings(closing=CLOSING, figures={"parts": []} | figures, parts=parts, format=format_)


def places(held: Holdings, seen: Reach, asked: AskedRanks = ASKED) -> dict[str, int]:
    kinds = ranked_kinds_of(held, asked, seen)
    assert kinds is not None
    return {each["unit"]: each["rank"]["median"] for kind in kinds for each in kind["rows"]}


PUBLIC = Part.of(
    PartKind.UNIT,
    "",
    {
        "rankings": [{**ABOUT, "kind": "ward", "rows": [row("a", 1), row("d", 2)]}],
        "changes": [{**ABOUT, "of": {"a/1": {"value": 0.1}}}],
    },
)
WHOLE = Part.of(
    PartKind.NAMED,
    "",
    {
        "rankings": [
            {**ABOUT, "kind": "ward", "rows": [row("a", 2), row("b", 1), row("c", 4), row("d", 3)]}
        ]
    },
)
OF_B = Part.of(
    PartKind.NAMED,
    "b",
    {
        "ranked": [{**ABOUT, "kind": "ward", "rows": [row("b", 1, among=4)]}],
        "changes": [{**ABOUT, "of": {"b/1": {"value": -0.2}}}],
    },
)


def test_who_sees_some_is_told_the_public_ranks_and_the_own_one_among_all() -> None:
    holdings = held(PUBLIC, WHOLE, OF_B)
    assert places(holdings, NOWHERE) == {"a": 1, "d": 2}
    assert places(holdings, OWN) == {"a": 1, "d": 2, "b": 1}
    assert places(holdings, EVERYWHERE) == {"a": 2, "b": 1, "c": 4, "d": 3}


def test_changes_are_told_beside_ranks() -> None:
    (kind,) = ranked_kinds_of(held(PUBLIC, WHOLE, OF_B), ASKED, OWN) or ()
    told = {each["unit"]: each.get("change") for each in kind["rows"]}
    assert told == {"a": {"value": 0.1}, "d": None, "b": {"value": -0.2}}


def test_a_withheld_unit_gives_way_to_what_its_head_may_see() -> None:
    asked = AskedRanks(kpi="share_satisfied", by=Ranked.UNIT, scope=PROVINCE)
    about = ABOUT | {"by": "unit"}
    hidden = {"member": "b", "unit": "b", "n": 0, "withheld": "few_officers"}
    public = {"kpi": "share_satisfied", "kind": "ward", "rows": [row("a", 1), hidden]}
    own = {**about, "kind": "ward", "rows": [row("b", 2, member="b")]}
    holdings = held(Part.of(PartKind.NAMED, "b", {"ranked": [own]}), rankings=[public])
    assert places(holdings, OWN, asked) == {"a": 1, "b": 2}


def test_procedures_within_a_unit_are_of_the_third_format() -> None:
    scope = Scope.subtree("a")
    asked = AskedRanks(kpi="dossiers_on_time", by=Ranked.PROCEDURE, scope=scope)
    told = {"kpi": "dossiers_on_time", "by": "procedure", "scope": str(scope), "kind": "land"}
    part = Part.of(PartKind.UNIT, "a", {"procedures": [{**told, "rows": [row("", 1)]}]})
    assert places(held(part), NOWHERE, asked) == {"": 1}
    assert ranked_kinds_of(held(format_=2), asked, NOWHERE) is None
