"""What a daily brief says: five figures of yesterday and of last week, losses, questions. Pure.

The last whole week is compared with the one before it: opinions are told by periods of the
calendar alone. A figure is told as worse only where the two intervals lie apart.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

from contract.readings import Direction, Measure, Reading
from contract.texts import Language, texts
from runtime.identity import Identity
from server.kpi.catalogue import BY_ID
from server.periods import Period, Step
from server.reports.figures import PERCENT, write_number
from server.units.units import UnitTree

FIVE = (
    "share_satisfied",
    "dossiers_on_time",
    "dossiers_overdue",
    "waited_within_15",
    "complaints_overdue",
)
JUDGED = ("share_satisfied", "dossiers_on_time", "waited_within_15", "complaints_on_time")
"""Shares with intervals: what can be worse than before."""
COUNTED = ("dossiers_overdue", "complaints_overdue")
"""What is asked about."""
MOST_LINES = 4
_NAMESPACE = uuid.UUID("0d9b6a3e-0c7f-5b36-8a55-6f4c7f0f2d41")
_LINE_BREAKS = str.maketrans("\r\n", "  ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """The days that a brief of one morning tells of."""

    yesterday: Period
    week: Period
    before: Period

    @classmethod
    def until(cls, day: date) -> Spans:
        """Return the day before `day`, and the two whole weeks before it."""
        week = Period.of(Step.WEEK, day).previous()
        return cls(
            yesterday=Period.of(Step.DAY, day - timedelta(days=1)),
            week=week,
            before=week.previous(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Readings of the place by KPI, and of the units within by scope and KPI."""

    yesterday: Mapping[str, Reading]
    week: Mapping[str, Reading]
    before: Mapping[str, Reading]
    units: Mapping[tuple[str, str], Reading]
    units_before: Mapping[tuple[str, str], Reading]
    tree: UnitTree


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """One morning's message: the same figures give the same text."""

    subject: str
    body: str


def write_brief(found: Found, day: date, place: str, language: Language) -> Brief:
    """Return the brief of the morning of `day` for a place by its name."""
    said = texts("server.briefs", language)
    five = [_five_line(kpi, found, language) for kpi in FIVE]
    worse = [_worse_line(each, found, language) for each in worse_units(found)[:MOST_LINES]]
    asked = [_asked_line(each, found, language) for each in overdue_units(found)[:MOST_LINES]]
    lines = [
        said.format("heading", place=place, day=f"{day:%d/%m/%Y}"),
        "",
        said["five"],
        *(f"- {line}" for line in five),
        "",
        said["worse"],
        *([f"- {line}" for line in worse] or [said["nothing_worse"]]),
        "",
        said["ask"],
        *([f"- {line}" for line in asked] or [said["nobody_to_ask"]]),
        "",
        said["footer"],
    ]
    subject = said.format("subject", place=place, day=f"{day:%d/%m/%Y}")
    return Brief(subject=subject.translate(_LINE_BREAKS), body="\n".join(lines) + "\n")


def worse_units(found: Found) -> list[tuple[str, str]]:
    """Return scopes and KPIs that got worse beyond chance, the largest loss first."""
    worse = [
        key
        for key, now in found.units.items()
        if key[1] in JUDGED
        and key in found.units_before
        and is_worse(key[1], now, found.units_before[key])
    ]
    return sorted(worse, key=lambda key: (-_loss(key, found), key))


def overdue_units(found: Found) -> list[tuple[str, str]]:
    """Return scopes and KPIs with something overdue, the most first."""
    counted = [(key, each.value) for key, each in found.units.items() if key[1] in COUNTED]
    late = [(key, value) for key, value in counted if value]
    return [key for key, _ in sorted(late, key=lambda each: (-each[1], each[0]))]


def is_worse(kpi: str, now: Reading, before: Reading) -> bool:
    """Return whether the intervals lie apart, the wrong way; withheld figures are not judged."""
    if None in (now.value, before.value, now.low, now.high, before.low, before.high):
        return False
    assert now.low is not None
    assert now.high is not None
    assert before.low is not None
    assert before.high is not None
    if BY_ID[kpi].direction is Direction.HIGHER:
        return now.high < before.low
    return BY_ID[kpi].direction is Direction.LOWER and now.low > before.high


def message_id(day: date, address: str, sender: str) -> str:
    """Return the Message-ID of a morning's brief to an address, always the same."""
    name = uuid.uuid5(_NAMESPACE, f"{day} {address}")
    return f"<brief-{day}-{name}@{sender.rpartition('@')[2]}>"


def compose(
    brief: Brief, *, sender: str, address: str, identifier: str, at: datetime, language: Language
) -> EmailMessage:
    """Return the message; made of the same it is the same, byte for byte."""
    message = EmailMessage()
    message["Subject"] = brief.subject
    message["From"] = Identity().sender(sender)
    message["To"] = address
    message["Date"] = format_datetime(at)
    message["Message-ID"] = identifier
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = language
    message.set_content(brief.body)
    return message


def _five_line(kpi: str, found: Found, language: Language) -> str:
    said = texts("server.briefs", language)
    return said.format(
        "figure",
        name=_name(kpi, language),
        yesterday=write_reading(kpi, found.yesterday.get(kpi), language),
        week=write_reading(kpi, found.week.get(kpi), language),
        before=write_reading(kpi, found.before.get(kpi), language),
    )


def _worse_line(key: tuple[str, str], found: Found, language: Language) -> str:
    return texts("server.briefs", language).format(
        "fell",
        unit=_unit(key[0], found.tree, language),
        name=_name(key[1], language),
        now=write_reading(key[1], found.units[key], language),
        before=write_reading(key[1], found.units_before[key], language),
    )


def _asked_line(key: tuple[str, str], found: Found, language: Language) -> str:
    return texts("server.briefs", language).format(
        f"asked.{key[1]}",
        unit=_unit(key[0], found.tree, language),
        count=write_number(found.units[key].value or 0.0, 0, language),
    )


def write_reading(kpi: str, reading: Reading | None, language: Language) -> str:
    """Return a figure with its interval; an en dash where it is withheld."""
    if reading is None or reading.value is None:
        return "–"
    if BY_ID[kpi].measure is not Measure.SHARE:
        return write_number(reading.value, 0, language)
    value = write_number(100 * reading.value, 1, language) + PERCENT
    if reading.low is None or reading.high is None:
        return value
    low, high = (write_number(100 * each, 1, language) for each in (reading.low, reading.high))
    return f"{value} ({low}–{high})"


def _loss(key: tuple[str, str], found: Found) -> float:
    return abs((found.units[key].value or 0.0) - (found.units_before[key].value or 0.0))


def _name(kpi: str, language: Language) -> str:
    return texts("server", language)[f"kpi.{kpi}.name"]


def _unit(scope: str, tree: UnitTree, language: Language) -> str:
    unit = scope.removeprefix("subtree:")
    known = tree.units.get(unit)
    if known is None:
        return unit
    return known.name_vi if language is Language.VI else known.name_en


def by_kpi(readings: Sequence[Reading]) -> dict[str, Reading]:
    """Return the readings of one place by KPI."""
    return {each.kpi: each for each in readings}


def by_unit(readings: Sequence[Reading]) -> dict[tuple[str, str], Reading]:
    """Return the readings of units by scope and KPI."""
    return {(each.scope, each.kpi): each for each in readings}
