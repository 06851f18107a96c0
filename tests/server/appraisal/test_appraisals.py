"""Deadlines by the working calendar, and the order of the steps."""

from __future__ import annotations

from datetime import datetime

import pytest

from contract.local_time import LOCAL_TIME
from server.appraisal.appraisals import Step, due
from server.calendars.calendars import Calendar, Rules
from server.calendars.holidays import VietnameseHolidays
from server.periods import Period
from server.schemes.schemes import Deadlines

CALENDAR = Calendar(Rules(), VietnameseHolidays())
DEADLINES = Deadlines(self_score=5, appraisal=10, answer=3, final=2)


@pytest.mark.parametrize(
    ("step", "now", "until"),
    [
        # Saturday, 31 October 2026 ends the period: five working days after it, also when opened
        # before.
        (Step.SELF_SCORE, "2026-10-12T08:00", "2026-11-06T17:00"),
        (Step.SELF_SCORE, "2026-11-03T08:00", "2026-11-10T17:00"),
        # 24 November 2026 is a holiday.
        (Step.APPRAISAL, "2026-11-10T09:00", "2026-11-25T17:00"),
        (Step.ANSWER, "2026-11-20T09:00", "2026-11-26T17:00"),
    ],
)
def test_a_step_has_working_days_after_the_one_before_it(step, now, until):
    now, until = (datetime.fromisoformat(each).replace(tzinfo=LOCAL_TIME) for each in (now, until))
    assert due(step, DEADLINES, CALENDAR, Period.parse("2026-10", now), now) == until
