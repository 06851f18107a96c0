"""A period is read with the version of a scheme that judged it, also when the next one is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from dashboards.api.classes import Said, Scheme
from dashboards.desk.judging import unit_schemes, version_for

NEW_YEAR = date(2027, 1, 1)
SAID = Said(vi="Bộ tiêu chí", en="Scheme")
FIRST = Scheme(
    id="own",
    version=1,
    level="unit",
    name=SAID,
    basis=SAID,
    maximum=Decimal(100),
    periods=("month",),
    to_be_filled_in=False,
    criteria=(),
    bands=(),
    valid_from=date(2022, 6, 23),
    valid_to=NEW_YEAR,
)
SECOND = replace(FIRST, version=2, valid_from=NEW_YEAR, valid_to=None)


@pytest.mark.parametrize(
    ("period", "version"),
    [("2026-12", 1), ("2026", 1), ("2026-Q4", 1), ("2027-01", 2), ("what", 2), ("2021", 2)],
)
def test_the_version_that_holds_on_the_last_day_is_taken(period: str, version: int) -> None:
    found = version_for((FIRST, SECOND), FIRST.id, period)
    assert found is not None
    assert found.version == version


def test_each_scheme_of_units_is_there_once_and_an_unknown_one_is_none() -> None:
    assert unit_schemes((FIRST, SECOND), "2026-10") == [FIRST]
    assert version_for((FIRST, SECOND), "other", "2026-10") is None
