"""What an alert says in words, the same on walls and desks."""

from __future__ import annotations

from typing import Protocol

from contract.readings import Measure
from contract.texts import Language
from dashboards.look import formats
from dashboards.look.texts import say_if_known, spoken, tell

GROUPS = ("unit", "operator", "leader")
"""Those that shipped rules name."""


class Alert(Protocol):
    """An alert, as far as words are made of it."""

    @property
    def name_vi(self) -> str:
        """What it is called in Vietnamese."""

    @property
    def name_en(self) -> str:
        """What it is called in English."""

    @property
    def severity(self) -> str:
        """How urgent it is."""

    @property
    def state(self) -> str:
        """Where it stands."""

    @property
    def unit(self) -> str | None:
        """Its unit, None for the province."""

    @property
    def assignee(self) -> str | None:
        """Who takes care of it."""

    @property
    def verdict(self) -> str | None:
        """What it turned out to be."""

    @property
    def measure(self) -> str:
        """What its value is of."""

    @property
    def value(self) -> float | None:
        """Its figure, None where it is not told."""

    @property
    def usual_low(self) -> float | None:
        """The low end of what is usual."""

    @property
    def usual_high(self) -> float | None:
        """The high end of what is usual."""

    @property
    def n(self) -> int:
        """The cases behind its figure."""

    @property
    def subjects(self) -> tuple[str, ...]:
        """The devices or units that show it."""


def name_in_words(alert: Alert) -> str:
    """Return what an alert is called."""
    return alert.name_vi if spoken() is Language.VI else alert.name_en


def figure_in_words(alert: Alert) -> str:
    """Return an alert's figure, or how many units or devices show it; empty where none is told."""
    if alert.subjects and alert.measure == Measure.COUNT:
        return tell("alerts.devices", count=formats.number(len(alert.subjects)))
    if len(alert.subjects) > 1 and alert.unit is None:
        return tell("alerts.units", count=formats.number(len(alert.subjects)))
    return "" if alert.value is None else value_in_words(alert.value, alert.measure)


def value_in_words(value: float, measure: str) -> str:
    """Return a value as it is written in its measure."""
    match measure:
        case Measure.SECONDS:
            return str(formats.duration(value))
        case Measure.SHARE:
            return str(formats.share(value))
        case Measure.INDEX:
            return str(formats.index(value))
        case _:
            return formats.number(value, 0 if value.is_integer() else 1)


def group_in_words(group: str) -> str:
    """Return a group of people that is told; one that the province has named by its name."""
    return tell(f"alerts.groups.{group}") if group in GROUPS else group


def state_of(found: Alert) -> str:
    """Return how urgent an alert is and where it stands, in words."""
    severity = say_if_known(f"alerts.severity.{found.severity}", found.severity).text
    said = say_if_known(f"alerts.states.{found.state}", found.state).text
    if found.assignee:
        said = f"{said}: {found.assignee}"
    if found.verdict:
        said = f"{said} ({say_if_known(f'alerts.verdicts.{found.verdict}', found.verdict).text})"
    return f"{severity} · {said}"


def figure_of(found: Alert) -> str:
    """Return an alert's figure with what is usual, and the devices or units that show it."""
    parts = [figure_in_words(found)]
    if found.usual_low is not None and found.usual_high is not None:
        low, high = (
            value_in_words(each, found.measure) for each in (found.usual_low, found.usual_high)
        )
        parts.append(tell("alerts.usual", low=low, high=high))
    if found.value is not None and found.n > 1:
        parts.append(f"n = {formats.number(found.n)}")
    if found.subjects:
        parts.append(", ".join(found.subjects))
    return " · ".join(filter(None, parts)) or "–"
