"""Tries a rule on the days that the database holds, before it goes live."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from psycopg import AsyncConnection

from server.alerts.backtests import WouldRaise, look_days, would_raise
from server.alerts.looks import span
from server.alerts.rules import Rule
from server.alerts.series import read_span
from server.calendars.store import DEFAULT, read_calendars
from server.errors import PeriodInvalid, RuleInvalid
from server.units.store import read_tree

LONGEST = timedelta(days=400)


async def try_rule(
    connection: AsyncConnection, rule: Rule, first: date, last: date
) -> tuple[WouldRaise, ...]:
    """Return what a rule would have raised from `first` to `last`, from what is known by now.

    Raises RuleInvalid for a rule about figures of now, which nobody keeps, and PeriodInvalid.
    """
    if rule.is_live:
        raise RuleInvalid(
            f"rule {rule.id} looks at figures of now, which are not kept: only rules that look at "
            "closed days or weeks can be tried on the past"
        )
    if last < first or last - first > LONGEST:
        raise PeriodInvalid(f"a rule is tried on at most {LONGEST.days} days, the first one first")
    calendar = (await read_calendars(connection)).by_id[DEFAULT]
    tree = await read_tree(connection, last)
    begin, _ = span(rule, first)
    _, end = span(rule, last)
    series = await read_span(connection, rule, tree, begin, end, datetime.now(UTC))

    def day_off(day: date) -> bool:
        return not calendar.is_worked(day)

    days = look_days(rule, first, last, day_off)
    return would_raise(rule, series, days, day_off)
