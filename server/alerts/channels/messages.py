"""What a message says, in one language: no name, no opinion's figure. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contract.local_time import LOCAL_TIME
from contract.readings import Measure
from contract.texts import Language, texts
from server.alerts.alerts import Alert, Contradiction
from server.alerts.rules import SOURCES, Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A message as a channel carries it; `id` is the same at every attempt, which is counted."""

    id: UUID
    step: str
    at: datetime
    alert: Alert
    title: str
    text: str
    attempt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What is told: a step of an alert and its note, of which rule, at which place by its name."""

    id: UUID
    step: str
    at: datetime
    alert: Alert
    rule: Rule
    place: str | None
    page: str
    note: str = ""
    attempt: int = 1


def compose(told: Occasion, language: Language) -> Told:
    """Return the message of a step."""
    said = texts("server.alerts", language)
    alert, rule = told.alert, told.rule
    vi = language is Language.VI
    at = told.at.astimezone(LOCAL_TIME).strftime("%H:%M %d/%m/%Y")
    title = said.format(
        "alert.title",
        severity=said[f"alert.severity.{alert.severity}"],
        name=rule.name.vi if vi else rule.name.en,
        place=told.place or said["alert.province"],
    )
    lines = [said.format(f"alert.{told.step}", at=at)]
    contradiction = Contradiction.parse(told.note)
    if contradiction is not None and not SOURCES[rule.source].opinion:
        then, since = (
            said["alert.unknown"] if each is None else _value(each, rule, language)
            for each in (contradiction.then, contradiction.since)
        )
        lines.append(said.format("alert.contradicted", then=then, since=since))
    if alert.value is not None:
        value = _value(alert.value, rule, language)
        lines.append(said.format("alert.figure", value=value, n=alert.n))
    if alert.usual_low is not None and alert.usual_high is not None:
        low, high = (_value(each, rule, language) for each in (alert.usual_low, alert.usual_high))
        lines.append(said.format("alert.usual", low=low, high=high))
    if alert.subjects:
        lines.append(said.format("alert.subjects", subjects=", ".join(alert.subjects)))
    if alert.state.is_open:
        runbook = rule.runbook.vi if vi else rule.runbook.en
        lines.append(said.format("alert.runbook", runbook=runbook))
    if told.page:
        lines.append(said.format("alert.page", page=f"{told.page}?alert={alert.id}"))
    return Told(
        id=told.id,
        step=told.step,
        at=told.at,
        alert=alert,
        title=title,
        text="\n".join(lines),
        attempt=told.attempt,
    )


def _value(value: float, rule: Rule, language: Language) -> str:
    match SOURCES[rule.source].measure:
        case Measure.SHARE:
            said = f"{100 * value:.1f} %"
        case Measure.SECONDS:
            said = texts("server.alerts", language).format("alert.minutes", n=f"{value / 60:.1f}")
        case _:
            said = f"{value:g}" if value == round(value) else f"{value:.2f}"
    return said.replace(".", ",") if language is Language.VI else said
