"""The units page: every unit with every KPI, and how far their shares can be told apart."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from dash import html
from dash.development.base_component import Component

from contract.readings import KpiDefinition, KpiFamily, Measure, Reading, Timing, Unit
from contract.texts import Language
from dashboards.api.rest import RestClient
from dashboards.api.views import Catalogue, missing
from dashboards.desk.charts import chart, figures_table
from dashboards.desk.clock import DeskClock
from dashboards.desk.grids import FIRST, Cell, Column, Row, cell, row, sort_text
from dashboards.desk.intervals import (
    SHARE,
    interval_figures,
    intervals,
    render_intervals,
    why_none,
)
from dashboards.desk.pages import Page, Values, text
from dashboards.desk.period_choices import named_period
from dashboards.desk.tables import Table, TablePage, digests_of
from dashboards.look import formats
from dashboards.look.figures import describe, sample
from dashboards.look.texts import (
    SENTIMENTS,
    Bilingual,
    description_of,
    name_of,
    say,
    spans,
    spoken,
    tell,
)
from dashboards.look.theme import Theme, worn

_KEPT = 8
"""Tables that are kept: scopes, periods, languages and themes that are looked at together."""
_FIGURE_HEIGHT = "17rem"
_FIGURES = "intervals-figures"
_FAMILY_ORDER = (KpiFamily.OFFICIAL, KpiFamily.OPERATION, KpiFamily.EXPERIENCE)
"""Official and experience at the two ends, as on the wall."""
_WIDTHS_PX: Mapping[Measure, int] = {
    Measure.COUNT: 120,
    Measure.SHARE: 190,
    Measure.SECONDS: 190,
    Measure.DAYS: 190,
    Measure.MIX: 170,
    Measure.AGE: 130,
    Measure.INDEX: 190,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitReadings:
    """One unit with its readings by KPI."""

    unit: Unit
    readings: Mapping[str, Reading]

    def reading(self, kpi: str) -> Reading:
        """Return the reading of `kpi`, one without data if there is none."""
        return self.readings.get(kpi) or missing(f"subtree:{self.unit.id}", kpi)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """All that a table is drawn from: desks that were told the same show the same."""

    catalogue: Catalogue
    units: tuple[Unit, ...]
    readings: tuple[Reading, ...]
    period: str
    language: Language
    theme: Theme


class _Drawings:
    """The tables drawn last: fifty desks at the same figures cost one of them."""

    def __init__(self) -> None:
        self._kept: deque[tuple[_Told, Table]] = deque(maxlen=_KEPT)

    def draw(self, told: _Told) -> Table:
        """Return the table of what was told, without its time."""
        for known, table in self._kept:
            if known == told:
                return table
        drawn = _draw(told)
        drawn = replace(drawn, digests=digests_of(drawn))
        self._kept.append((told, drawn))
        return drawn


def _draw(told: _Told) -> Table:
    shown = in_order(told.catalogue)
    found = _join([unit for unit in told.units if unit.accepted], told.readings)
    shares = intervals([(each.unit, each.reading(SHARE)) for each in found])
    figure = render_intervals(shares, why_none([each.reading(SHARE) for each in found]))
    beside = figures_table(interval_figures(shares), tell("desk.intervals"))
    return Table(
        columns=columns_of(shown),
        rows=[unit_row(each, shown) for each in found],
        computed_at=None,
        extras={"intervals": figure, _FIGURES: beside, "units-key": _key(told.period)},
    )


def units_page(api: RestClient, clock: DeskClock) -> Page:
    """Return the page, for a scope and a period if its address names them."""
    drawings = _Drawings()

    async def read(values: Values) -> Table:
        catalogue = await api.catalogue()
        units = await api.units()
        readings = await api.readings(
            kpis=_answering(in_order(catalogue.value or ()), values["period"]),
            scope=values["scope"],
            period=values["period"],
            by=("unit",),
        )
        told = _Told(
            catalogue=catalogue.value or (),
            units=tuple(units.value or ()),
            readings=readings.value.readings if readings.value else (),
            period=values["period"],
            language=spoken(),
            theme=worn(),
        )
        return replace(
            drawings.draw(told),
            computed_at=readings.value.computed_at if readings.value else None,
            error=readings.error or units.error or catalogue.error,
            alarms=await api.alarms(),
        )

    return TablePage(
        name="units",
        parameters=(text("scope", "province"), text("period")),
        read=read,
        above=_above,
        extras={"intervals": "figure", _FIGURES: "children", "units-key": "children"},
        clock=clock,
    ).page()


def _join(units: Sequence[Unit], readings: Sequence[Reading]) -> list[UnitReadings]:
    """Return the units that have readings, which are those within the scope."""
    by_scope: dict[str, dict[str, Reading]] = {}
    for reading in readings:
        by_scope.setdefault(reading.scope, {})[reading.kpi] = reading
    return [
        UnitReadings(unit=unit, readings=by_scope[f"subtree:{unit.id}"])
        for unit in units
        if f"subtree:{unit.id}" in by_scope
    ]


def in_order(catalogue: Catalogue) -> tuple[KpiDefinition, ...]:
    """Return the live part of the catalogue by family, within it in its own order."""
    live = (definition for definition in catalogue if definition.live)
    return tuple(sorted(live, key=lambda definition: _FAMILY_ORDER.index(definition.family)))


def _answering(shown: Sequence[KpiDefinition], period: str) -> tuple[str, ...]:
    """Return the KPIs that a period can be asked for; without a period, all of them."""
    timing = Timing.NOW if period == "now" else Timing.PERIOD
    return tuple(kpi.id for kpi in shown if not period or kpi.timing is timing)


def columns_of(shown: Sequence[KpiDefinition]) -> list[Column]:
    """Return the unit's column and one for each KPI, below its family."""
    columns = [Column(id=FIRST, name=say("column.unit"), width_px=270)]
    for family, definitions in groupby(shown, key=lambda definition: definition.family):
        columns += [
            Column(
                id=definition.id,
                name=name_of(definition),
                group=say(f"family.{family}"),
                explained=description_of(definition).text,
                numeric=True,
                width_px=_WIDTHS_PX[definition.measure],
            )
            for definition in definitions
        ]
    return columns


def _above(table: Table) -> Sequence[Component]:
    caption = [*spans(say("desk.intervals")), html.Span(_dot(), className="mark")]
    return (
        chart(
            table.extras["intervals"],
            table.extras[_FIGURES],
            name=tell("desk.intervals"),
            height=_FIGURE_HEIGHT,
            chart_id="intervals",
            caption=caption,
        ),
        html.P(table.extras["units-key"], id="units-key", className="key"),
    )


def _dot() -> str:
    return f"● {tell('wall.simulated')}"


def _key(period: str) -> list[Component]:
    """Return what the notes and the shares of a mix mean, and the period if one is asked for."""
    names = [say(f"sentiment.{name}") for name in SENTIMENTS]
    order = Bilingual(
        vi=" / ".join(text.vi.lower() for text in names),
        en=" / ".join(text.en.lower() for text in names),
    )
    said = (("a–b", say("desk.interval_key")), ("n", say("desk.cases")), ("a / b / c%", order))
    shown: list[Component] = [html.Span([html.B(sign), f" {text.text} "]) for sign, text in said]
    if period:
        shown.append(html.Span(spans(say("desk.period", period=named_period(period)))))
    return shown


def unit_row(found: UnitReadings, catalogue: Sequence[KpiDefinition]) -> Row:
    """Return a unit's row: its name and what each KPI says."""
    unit = found.unit
    name = cell(
        name_of(unit).text,
        sort=sort_text(name_of(unit).text),
        mark=tell("wall.simulated") if unit.simulated else "",
    )
    cells = {d.id: _reading_cell(d, found.reading(d.id)) for d in catalogue}
    return row(unit.id, f"{unit.name_vi} {unit.name_en} {unit.id}", {FIRST: name, **cells})


def _reading_cell(definition: KpiDefinition, reading: Reading) -> Cell:
    figure = describe(definition, reading)
    observed_ms = None if reading.observed_at is None else formats.epoch_ms(reading.observed_at)
    if figure.quantity is None:
        why = figure.withheld or say("withheld.no_data")
        age = observed_ms if why == say("withheld.stale") else None
        return cell(why.text, note=figure.note, state="withheld", observed_ms=age)
    if definition.measure is Measure.AGE:
        sort = None if observed_ms is None else float(-observed_ms)
        return cell("", sort=sort, observed_ms=observed_ms, fresh_s=definition.fresh_for_s)
    note = " · ".join(_notes(figure.note, sample(reading)))
    value = (reading.parts or {}).get("positive") if reading.value is None else reading.value
    return cell(
        _shares(reading) or str(figure.quantity),
        note=note,
        sort=value,
        figure=_as_written(definition.measure, value),
        observed_ms=observed_ms if definition.fresh_for_s else None,
        fresh_s=definition.fresh_for_s,
    )


def _notes(bounds: str, cases: str) -> Iterator[str]:
    if bounds:
        yield bounds
        if cases != bounds:
            yield cases


def _shares(reading: Reading) -> str:
    """Return the shares of a mix in their order: "61 / 31 / 8%"."""
    parts = reading.parts or {}
    if parts.keys() != set(SENTIMENTS):
        return ""
    return f"{' / '.join(formats.number(100 * parts[name]) for name in SENTIMENTS)}%"


def _as_written(measure: Measure, value: float | None) -> float | None:
    """Return the number by which a filter compares: per cent, minutes, or the count."""
    if value is None:
        return None
    if measure in (Measure.SHARE, Measure.MIX):
        return 100 * value
    return value / 60 if measure is Measure.SECONDS else value
