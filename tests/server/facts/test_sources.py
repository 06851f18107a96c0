"""Which stored totals tell what is asked."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from server.facts.sources import Dimension, Selection
from server.periods import NOW, Period, Step

MOMENT = datetime(2026, 8, 1, tzinfo=UTC)
END = date(2026, 4, 21)


@pytest.mark.parametrize(
    ("selection", "months"),
    [
        (Selection(period=Period.parse("2026-Q1", MOMENT)), (date(2026, 1, 1), date(2026, 4, 1))),
        (
            Selection(period=Period.parse("2026-02-10..2026-04-20", MOMENT)),
            (date(2026, 3, 1), date(2026, 4, 1)),
        ),
        (Selection(period=Period.parse("2026-04-01..2026-04-20", MOMENT)), (END, END)),
        (
            Selection(period=Period.parse("2026-02-10..2026-04-20", MOMENT), step=Step.WEEK),
            (END, END),
        ),
        (
            Selection(period=Period.parse("2026-02-10..2026-04-20", MOMENT), by=Dimension.CHANNEL),
            (END, END),
        ),
        (Selection(period=NOW), None),
    ],
)
def test_whole_months_stand_for_their_days(selection, months):
    assert selection.months == months
