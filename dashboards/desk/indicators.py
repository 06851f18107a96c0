"""The indicators page: one KPI, one place, one period, its trend, and the places within it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from dash import Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from contract.readings import KpiDefinition, Reading, Timing, Unit
from dashboards.api.rankings import Rank
from dashboards.api.rest import Answer, Readings, RestClient
from dashboards.api.visiting import may
from dashboards.desk.acts import refused, untold
from dashboards.desk.annotations import Annotation, read_annotations
from dashboards.desk.choices import choice, follow_range, period_choice, period_options
from dashboards.desk.drilling import (
    PROVINCE,
    Names,
    Way,
    Within,
    crumbs,
    member_of,
    other_parts,
    read_names,
    read_within,
)
from dashboards.desk.grids import FIRST, Cell, Column, Row, cell, grid, row, sort_text
from dashboards.desk.navigation import header
from dashboards.desk.pages import Page, Values, text
from dashboards.desk.period_choices import finer, last_month
from dashboards.desk.standings import ranked_text
from dashboards.desk.trend import trend, trend_key
from dashboards.look import formats
from dashboards.look.figures import describe, reason, sample
from dashboards.look.texts import (
    Bilingual,
    description_of,
    name_of,
    say,
    say_if_known,
    spans,
    tell,
)

NAME = "indicators"
_FIRST_KPI = "share_satisfied"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """What the page shows: its KPI, and the readings of the place and of the places within it."""

    definition: KpiDefinition
    whole: Answer[Readings]
    parts: Answer[Readings]
    within: Within
    ranks: Mapping[str, Rank | None]
    noted: Sequence[Annotation] = ()


class IndicatorsPage:
    """Reads the API for the KPI, place and period that stand in the page's address."""

    def __init__(self, api: RestClient) -> None:
        self._api = api

    def page(self) -> Page:
        """Return the page for the registry."""
        return Page(
            name=NAME,
            parameters=(
                text("kpi", _FIRST_KPI),
                text("scope", PROVINCE),
                text("period"),
                text("by"),
            ),
            layout=self._layout,
            register=self._register,
        )

    async def _layout(self, values: Values) -> Component:
        now = datetime.now(UTC)
        catalogue = (await self._api.catalogue()).value or ()
        units = (await self._api.units()).value or ()
        period = values["period"] or last_month(now)
        return html.Main(
            [
                header(NAME),
                html.Div(
                    [
                        choice(NAME, "kpi", _kpi_options(catalogue), values["kpi"]),
                        choice(NAME, "scope", await self._places(units, values), values["scope"]),
                        period_choice(NAME, period_options(now), period),
                    ],
                    className="choices",
                ),
                dcc.Store(id=f"{NAME}-by", data=values["by"]),
                html.Div(
                    await self._content(values["kpi"], values["scope"], period, values["by"]),
                    id=f"{NAME}-content",
                    className="indicator",
                ),
            ],
            className=f"desk {NAME}",
        )

    def _register(self, app: Dash) -> None:
        chosen = [Input(f"{NAME}-{part}", "value") for part in ("kpi", "scope", "period")]
        by = State(f"{NAME}-by", "data")
        follow_range(app, NAME)
        app.callback(Output(f"{NAME}-content", "children"), *chosen, by, prevent_initial_call=True)(
            self._content
        )
        app.callback(Output("address", "search"), *chosen, by, prevent_initial_call=True)(
            self._write_query
        )

    def _write_query(self, kpi: str, scope: str, period: str, by: str) -> str:
        return self.page().write({"kpi": kpi, "scope": scope, "period": period, "by": by})

    async def _places(self, units: Sequence[Unit], values: Values) -> list[dict[str, Any]]:
        """Return the places to choose from: the province, the units, and the present one."""
        options, scope = _scope_options(units), values["scope"]
        if all(each["value"] != scope for each in options):
            way = Way(kpi=values["kpi"], scope=scope, period="")
            names = await read_names(self._api, way, "", units)
            options.append({"label": names.of(scope), "value": scope})
        return options

    async def _content(self, kpi: str, scope: str, period: str, by: str) -> list[Component]:
        catalogue = await self._api.catalogue()
        definition = next((each for each in catalogue.value or () if each.id == kpi), None)
        if definition is None:
            return [refused(catalogue.error)]
        units = (await self._api.units()).value or ()
        way = Way(kpi=kpi, scope=scope, period=period, by=by)
        chosen = await self._read(definition, way, units)
        error = chosen.whole.error or chosen.parts.error
        if error is not None and chosen.whole.value is None:
            return [untold(error, period)]
        (now,) = (chosen.whole.value.readings if chosen.whole.value else ()) or (None,)
        names = await read_names(self._api, way, chosen.within.by, units)
        return [
            crumbs(way, names),
            _headline(chosen),
            *_silence(now),
            *_trend(chosen),
            *other_parts(way, chosen.within.by, definition, units),
            *_table(chosen, way, units, names),
        ]

    async def _read(self, definition: KpiDefinition, way: Way, units: Sequence[Unit]) -> _Chosen:
        scope, period = way.scope, way.period
        ask = partial(self._api.readings, kpis=(definition.id,), scope=scope, period=period)
        step = finer(period)
        whole, within, ranked = await asyncio.gather(
            ask(compare=("previous", "year_before")),
            read_within(self._api, way, units),
            self._api.ranking(kpi=definition.id, period=period),
        )
        kinds = ranked.value.kinds if ranked.value else ()
        ranks = {row.unit: row.rank for kind in kinds for row in kind.rows}
        parts: Answer[Readings] = Answer(value=None)
        found: Sequence[Annotation] | None = None
        if step:
            parts, found = await asyncio.gather(
                ask(by=(step,)), read_annotations(self._api, scope, period)
            )
        return _Chosen(
            definition=definition, whole=whole, parts=parts, within=within, ranks=ranks,
            noted=found or (),
        )  # fmt: skip


def _headline(chosen: _Chosen) -> Component:
    """Return the figure with its interval and n, and what it was before."""
    readings = chosen.whole.value
    assert readings is not None
    (now,) = readings.readings or (None,)
    compared = [
        (say("indicators.previous"), readings.previous),
        (say("indicators.year_before"), readings.year_before),
    ]
    return html.Section(
        [
            html.Div(_figure(chosen.definition, now), className="headline"),
            *(
                html.Div(
                    [html.Div(spans(name), className="label"), *_figure(chosen.definition, one)],
                    className="compared",
                )
                for name, found in compared
                for one in found or ()
            ),
            html.P(
                description_of(chosen.definition).text,
                className="explained",
            ),
        ],
        className="figures",
    )


def _silence(reading: Reading | None) -> list[Component]:
    """Return what an index would be if the silent were others than expected; nothing else's."""
    parts = reading.parts if reading is not None and reading.parts is not None else {}
    if not {"rated", "worse", "better", "least", "most", "faces"} <= parts.keys():
        return []
    told = [
        say("indicators.rated", rated=formats.share(parts["rated"])),
        say(
            "indicators.if_worse",
            worse=formats.index(parts["worse"]),
            better=formats.index(parts["better"]),
        ),
        say(
            "indicators.bounds",
            least=formats.index(parts["least"]),
            most=formats.index(parts["most"]),
        ),
        say("indicators.faces", faces=formats.share(parts["faces"]))
        if parts["faces"] > 0
        else say("indicators.no_faces"),
    ]
    whole = Bilingual(vi=" ".join(s.vi for s in told), en=" ".join(s.en for s in told))
    return [html.P(spans(whole), className="silence")]


def _figure(definition: KpiDefinition, reading: Reading | None) -> list[Component]:
    if reading is None:
        return [html.Span(spans(say("withheld.no_data")), className="withheld")]
    said = describe(definition, reading)
    if said.quantity is None:
        assert said.withheld is not None
        return [html.Span(spans(said.withheld), className="withheld"), html.Span(said.note)]
    return [
        html.Span(str(said.quantity), className="value"),
        html.Span(said.note, className="note"),
        html.Span(sample(reading), className="note"),
    ]


def _trend(chosen: _Chosen) -> list[Component]:
    if chosen.parts.value is None:
        return []
    readings = chosen.parts.value.readings
    return [
        trend(chosen.definition, readings, height="16rem", noted=chosen.noted),
        *([trend_key()] if _bounded(readings) else []),
        *(html.P(f"▲ {each.day:%d/%m/%Y}: {each.told}", className="note") for each in chosen.noted),
    ]


def _bounded(readings: Sequence[Reading]) -> bool:
    return any(each.low is not None for each in readings)


def _table(chosen: _Chosen, way: Way, units: Sequence[Unit], names: Names) -> list[Component]:
    """Return the parts of the place, each with the way on into it."""
    by, told = chosen.within.by, chosen.within.answer.value
    if by == "officer" and not may("read_officers"):
        return [html.P(tell("officer.no_right"), className="notice")]
    if told is None:
        return []
    ranked = by == "unit" and any(chosen.ranks.values())
    columns = [
        Column(id=FIRST, name=say(f"drill.by.{by}"), width_px=360),
        Column(id="value", name=name_of(chosen.definition), numeric=True, width_px=200),
        Column(id="interval", name=say("indicators.interval"), width_px=200),
        Column(id="n", name=say("indicators.n"), numeric=True, width_px=120),
    ]
    if ranked:
        columns.append(Column(id="rank", name=say("indicators.rank"), width_px=220))
    known = {unit.id: unit for unit in units if unit.accepted}
    rows = [
        _row(chosen, way, member, known.get(member), names, reading)
        for reading in told.readings
        if (member := member_of(reading.scope)) in known or by != "unit"
    ]
    # Officers stand in the order of their names: this is no list of the best and the worst.
    order = (FIRST,) if by == "officer" else ("-value",)
    return [grid(f"{NAME}-grid", columns, rows, order=order, conditions={}, find="")]


def _row(
    chosen: _Chosen, way: Way, member: str, unit: Unit | None, names: Names, reading: Reading
) -> Row:
    said, by = describe(chosen.definition, reading), chosen.within.by
    named = name_of(unit).text if unit is not None and by == "unit" else names.of(reading.scope)
    simulated = by == "unit" and unit is not None and unit.simulated
    name = cell(
        named,
        sort=sort_text(named),
        mark=tell("wall.simulated") if simulated else "",
        href=way.into(by, member),
    )
    ranks = (
        {}
        if unit is None or not chosen.ranks
        else {"rank": _rank_cell(unit, chosen.ranks.get(unit.id))}
    )
    return row(
        member,
        f"{named} {member}",
        {
            FIRST: name,
            "value": _value_cell(said.quantity, said.withheld, reading),
            "interval": cell(said.note),
            "n": cell(formats.number(reading.n), sort=float(reading.n), figure=float(reading.n)),
            **ranks,
        },
    )


def _rank_cell(unit: Unit, rank: Rank | None) -> Cell:
    """Return the rank as a range: an exact order of units that cannot be told apart is noise."""
    if rank is None:
        return cell(tell("rankings.unranked"), state="withheld")
    return cell(
        ranked_text(rank), note=say_if_known(f"kind.{unit.kind}", unit.kind).text, sort=rank.median
    )


def _value_cell(
    quantity: formats.Quantity | None, withheld: Bilingual | None, reading: Reading
) -> Cell:
    if quantity is None or reason(reading) is not None:
        assert withheld is not None
        return cell(withheld.text, state="withheld")
    return cell(str(quantity), sort=reading.value, figure=reading.value)


def _kpi_options(catalogue: Sequence[KpiDefinition]) -> list[dict[str, Any]]:
    return [
        {"label": name_of(kpi).text, "value": kpi.id}
        for kpi in catalogue
        if kpi.timing is Timing.PERIOD
    ]


def _scope_options(units: Sequence[Unit]) -> list[dict[str, Any]]:
    accepted = [unit for unit in units if unit.accepted]
    found = sorted(accepted, key=lambda unit: sort_text(name_of(unit).text))
    return [
        {"label": tell("place.province"), "value": PROVINCE},
        *({"label": name_of(unit).text, "value": f"subtree:{unit.id}"} for unit in found),
    ]
