"""Why a unit needs help, in words."""

from __future__ import annotations

from datetime import datetime

from contract.local_time import LOCAL_TIME
from dashboards.look.alerts import figure_in_words, group_in_words, name_in_words
from dashboards.look.texts import say_if_known, tell
from dashboards.push.choice import PROVINCE
from dashboards.push.needs import Need
from dashboards.push.sight import Sight

_MINUTE_S = 60.0


def place_in_words(sight: Sight, need: Need) -> str:
    """Return where help is needed."""
    return tell("alerts.province") if need.scope == PROVINCE else sight.name(need.scope)


def cause_in_words(need: Need) -> str:
    """Return the cause, with its figure or how many show it where there is one."""
    name = name_in_words(need.alert)
    figure = figure_in_words(need.alert)
    return f"{name}: {figure}" if figure else name


def told_in_words(need: Need) -> str:
    """Return who is told, and whether somebody has taken it."""
    groups = ", ".join(group_in_words(each) for each in need.alert.to)
    state = say_if_known(f"alerts.states.{need.alert.state}", need.alert.state).text
    said = [tell("need.told", groups=groups)] if groups else []
    return " · ".join([*said, state])


def since_in_words(since: datetime, now: datetime) -> str:
    """Return since when, and for how many minutes or hours."""
    local = since.astimezone(LOCAL_TIME)
    minutes = int((now - since).total_seconds() // _MINUTE_S)
    if minutes < 1:
        return tell("need.just_now", clock=f"{local:%H:%M}")
    hours, rest = divmod(minutes, 60)
    lasted = tell("age.minutes", minutes=minutes)
    if hours:
        lasted = tell("age.hours", hours=hours, minutes=f"{rest:02}")
    return tell("need.since", clock=f"{local:%H:%M}", lasted=lasted)
