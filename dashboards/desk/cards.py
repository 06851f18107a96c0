"""Figures as cards: what a reading says, how surely, and how it stands beside another one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from contract.readings import Direction, KpiDefinition, Measure, Reading
from dashboards.api.rest import Readings, RestClient
from dashboards.api.views import missing
from dashboards.look.figures import describe, reason, sample
from dashboards.look.texts import name_of, spans


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Readings by KPI, with their definitions; what is not known has no data."""

    catalogue: Mapping[str, KpiDefinition]
    readings: Mapping[str, Reading]

    def pairs(self, kpis: Iterable[str]) -> list[tuple[KpiDefinition, Reading]]:
        """Return these KPIs with their readings, as far as the catalogue has them."""
        return [
            (self.catalogue[kpi], self.readings.get(kpi) or missing("", kpi))
            for kpi in kpis
            if kpi in self.catalogue
        ]


def by_kpi(answer: Readings | None) -> dict[str, Reading]:
    """Return the readings of one place and period by KPI."""
    return {each.kpi: each for each in answer.readings} if answer else {}


async def definitions(api: RestClient) -> dict[str, KpiDefinition]:
    """Return the catalogue by KPI."""
    return {each.id: each for each in (await api.catalogue()).value or ()}


def card(definition: KpiDefinition, reading: Reading, beside: str = "") -> Component:
    """Return one figure with its interval and n, or why there is none, and what is beside it."""
    said = describe(definition, reading)
    parts: list[Component] = [html.Dt(spans(name_of(definition)))]
    if said.quantity is None:
        assert said.withheld is not None
        parts.append(
            html.Dd([html.Span(spans(said.withheld), className="withheld"), _note(said.note)])
        )
    else:
        counted = definition.measure is Measure.COUNT or not reading.n
        notes = dict.fromkeys((said.note, "" if counted else sample(reading)))
        parts.append(
            html.Dd(
                [
                    html.Span(str(said.quantity), className="value"),
                    *(_note(note) for note in notes if note),
                ]
            )
        )
    if beside:
        parts.append(html.Dd(beside, className="beside"))
    return html.Div(parts, className="card")


def cards(told: Sequence[tuple[KpiDefinition, Reading]]) -> Component:
    """Return figures beside each other."""
    return html.Dl([card(*each) for each in told], className="cards")


def _note(said: str) -> Component:
    return html.Span(said, className="note")


def said_of(definition: KpiDefinition, reading: Reading) -> str:
    """Return what a reading says, in one line of text."""
    said = describe(definition, reading)
    if said.quantity is None:
        assert said.withheld is not None
        return said.withheld.text
    return f"{said.quantity} ({said.note})" if said.note else str(said.quantity)


def is_worse(definition: KpiDefinition, now: Reading, before: Reading) -> bool:
    """Return whether a figure got worse beyond chance: the intervals lie apart the wrong way."""
    if reason(now) is not None or reason(before) is not None:
        return False
    if None in (now.low, now.high, before.low, before.high):
        return False
    assert now.low is not None
    assert now.high is not None
    assert before.low is not None
    assert before.high is not None
    match definition.direction:
        case Direction.HIGHER:
            return now.high < before.low
        case Direction.LOWER:
            return now.low > before.high
        case _:
            return False
