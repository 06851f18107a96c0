"""What is said of a member: as printed, parts add up to the difference."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as some

from contract.texts import Language
from server.rankings.explanation import explain, round_parts
from server.rankings.tables import rank_members
from tests.server.rankings.given_cells import cells, of_families

_SHARES = some.floats(-1, 1)


@given(some.lists(_SHARES, min_size=1, max_size=6))
def test_rounded_parts_add_up_to_the_rounded_total(values) -> None:
    parts = {str(at): value for at, value in enumerate(values)}
    rounded = round_parts(sum(values), parts)
    assert sum(rounded.values()) == round(sum(values) * 1000)
    assert all(abs(rounded[name] - value * 1000) <= 1 + 1e-6 for name, value in parts.items())


@pytest.mark.parametrize("language", list(Language))
def test_what_is_printed_adds_up(language: Language) -> None:
    now = of_families({"a": [(450, 500), (30, 60)], "b": [(300, 400), (150, 200)]})
    before = of_families({"a": [(380, 400), (70, 160)], "b": [(310, 400), (140, 200)]})
    table = rank_members(now, seed=1, before=before)
    said = explain(table.rows[0], kind_level=table.level, members=2, language=language)
    apart, apart_parts = said.standing[-3:-1]
    for total, parts in ((apart, apart_parts), said.change):
        (whole,) = _points(total.rpartition("%")[2])[-1:]
        assert sum(_points(parts)) == pytest.approx(whole, abs=1e-9)


def _points(text: str) -> list[float]:
    found = re.findall(r"[+−]?\d+,\d", text)
    return [float(each.replace("−", "-").replace(",", ".")) for each in found]


@pytest.mark.parametrize(
    ("n", "words"), [(20, "chưa đủ mẫu để công bố"), (60, "chưa đủ mẫu để xếp hạng")]
)
def test_too_few_cases_are_said(n: int, words: str) -> None:
    (row,) = rank_members(cells({"a": (n // 2, n)}), seed=1).rows
    said = explain(row, kind_level=0.5, members=1, language=Language.VI)
    assert words in said.standing[-1]
    assert said.change == ()
