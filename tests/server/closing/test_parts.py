"""What parts of former formats lack is left out of what they are compared with."""

from __future__ import annotations

from server.closing.parts import Part, PartKind, of_format, with_changes_of

CHANGES = [{"kpi": "share_satisfied", "by": "unit", "scope": "province", "of": {"a": {"value": 1}}}]
RANKINGS = [{"kpi": "share_satisfied", "by": "counter", "scope": "province", "rows": []}]


def part(kind: PartKind, **said: object) -> Part:
    return Part.of(kind, "", said)


def test_what_a_later_format_added_is_left_out_of_a_former_one() -> None:
    unit = part(PartKind.UNIT, rankings=RANKINGS, procedures=RANKINGS, changes=CHANGES)
    named = part(PartKind.NAMED, changes=CHANGES, ranked=RANKINGS)
    assert of_format([unit, named], 3) == (unit, named)
    assert of_format([unit, named], 2) == (part(PartKind.UNIT, rankings=RANKINGS),)


def test_an_officers_ranks_are_of_every_format() -> None:
    officer = Part.of(PartKind.OFFICER, "a", {"ranks": RANKINGS}, "CB-1")
    assert of_format([officer], 2) == (officer,)


def test_changes_that_were_signed_stand_in_place_of_those_of_now() -> None:
    signed = part(PartKind.UNIT, rankings=RANKINGS, changes=CHANGES)
    now = part(PartKind.UNIT, rankings=RANKINGS, changes=[])
    assert with_changes_of([now], [signed]) == (signed,)
    assert with_changes_of([signed], [signed]) == (signed,)
    without = part(PartKind.UNIT, rankings=RANKINGS)
    assert with_changes_of([now], [without]) == (without,)
