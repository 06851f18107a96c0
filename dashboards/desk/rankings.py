"""The rankings page: who stands where within a kind, how surely, and why."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from contract.readings import KpiDefinition, Reading
from dashboards.api.classes import Class, Scheme
from dashboards.api.preferences import keep, kept_preferences
from dashboards.api.rankings import Ranked, RankedKind, Ranking
from dashboards.api.rest import Answer, RestClient
from dashboards.api.visiting import place_of_figures
from dashboards.desk.acts import refused, untold
from dashboards.desk.charts import chart, figures_table
from dashboards.desk.choices import (
    choice,
    dropdown,
    follow_range,
    period_choice,
    period_options,
)
from dashboards.desk.judging import OFFICIAL, version_for
from dashboards.desk.navigation import header
from dashboards.desk.pages import Page, Values, text
from dashboards.desk.period_choices import kind_of, last_month, period_choices
from dashboards.desk.standing_rows import (
    CHOSEN,
    Shown,
    name_of_member,
    names_of,
    standings_grid,
)
from dashboards.desk.standing_ways import MEMBERS, Asked, why
from dashboards.desk.standings import (
    funnel_figures,
    rank_figures,
    render_funnel,
    render_ranks,
)
from dashboards.look import formats
from dashboards.look.texts import Bilingual, name_of, say, say_if_known, spans, tell

NAME = "rankings"
_KPIS = ("share_satisfied", "dossiers_on_time", "waited_within_15")
_PARTS = ("kpi", "period", "by", "kind")
_NOTHING = "none"


class RankingsPage:
    """Reads the API for the KPI, period and kind that stand in the page's address."""

    def __init__(self, api: RestClient) -> None:
        self._api = api

    def page(self) -> Page:
        """Return the page for the registry."""
        return Page(
            name=NAME,
            parameters=(
                text("kpi", _KPIS[0]),
                text("period"),
                text("by", "unit"),
                text("kind"),
                text("find"),
                text("beside", _NOTHING),
            ),
            layout=self._layout,
            register=self._register,
        )

    async def _layout(self, values: Values) -> Component:
        now = datetime.now(UTC)
        catalogue = (await self._api.catalogue()).value or ()
        period = values["period"] or last_month(now)
        by = values["by"] if values["by"] in MEMBERS.get(values["kpi"], ()) else "unit"
        answer = await self._ranking(values["kpi"], period, by)
        kinds, kind = _kinds(answer.value, values["kind"])
        return html.Main(
            [
                header(
                    NAME,
                    [
                        dcc.Input(
                            id=f"{NAME}-find",
                            value=values["find"],
                            placeholder=say("rankings.find").text,
                            type="search",
                        ),
                    ],
                ),
                html.Div(
                    [
                        choice(NAME, "kpi", _kpi_options(catalogue), values["kpi"]),
                        period_choice(NAME, period_options(now), period),
                        choice(NAME, "by", _by_options(values["kpi"]), values["by"]),
                        choice(NAME, "kind", kinds, kind),
                        choice(NAME, "beside", _beside_options(now), values["beside"]),
                        await _columns_choice(self._api),
                    ],
                    className="choices",
                ),
                dcc.Store(id=f"{NAME}-query"),
                dcc.Store(id=f"{NAME}-kept"),
                dcc.Store(id=f"{NAME}-columns-kept"),
                html.Div(
                    await self._told(
                        answer,
                        Asked(kpi=values["kpi"], period=period, by=by),
                        kind,
                        values["beside"],
                        values["find"],
                    ),
                    id=f"{NAME}-content",
                    className="standings",
                ),
            ],
            className=f"desk {NAME}",
        )

    def _register(self, app: Dash) -> None:
        chosen = [Input(f"{NAME}-{part}", "value") for part in _PARTS]
        find = State(f"{NAME}-find", "value")
        content = Output(f"{NAME}-content", "children")
        beside = Input(f"{NAME}-beside", "value")
        app.callback(content, *chosen, beside, find, prevent_initial_call=True)(self._content)
        app.callback(
            Output(f"{NAME}-query", "data"),
            *chosen,
            beside,
            Input(f"{NAME}-find", "value"),
            prevent_initial_call=True,
        )(self._write_query)
        app.callback(
            Output(f"{NAME}-by", "options"), Output(f"{NAME}-by", "value"),
            Input(f"{NAME}-kpi", "value"), State(f"{NAME}-by", "value"),
            prevent_initial_call=True,
        )(self._offer_members)  # fmt: skip
        app.callback(
            Output(f"{NAME}-kind", "options"), Output(f"{NAME}-kind", "value"), *chosen[:3],
            State(f"{NAME}-kind", "value"), prevent_initial_call=True,
        )(self._offer_kinds)  # fmt: skip
        app.callback(
            Output(f"{NAME}-why", "children"), Input(f"{NAME}-grid", "cellClicked"),
            *(State(f"{NAME}-{part}", "value") for part in _PARTS[:3]),
            prevent_initial_call=True,
        )(self._explain)  # fmt: skip
        app.callback(
            Output(f"{NAME}-columns-kept", "data"), Input(f"{NAME}-columns", "value"),
            prevent_initial_call=True,
        )(self._keep_columns)  # fmt: skip
        follow_range(app, NAME)
        self._register_scripts(app)

    def _register_scripts(self, app: Dash) -> None:
        def in_browser(function: str, *arguments: Output | Input | State) -> None:
            app.clientside_callback(  # type: ignore[no-untyped-call]
                ClientsideFunction("motcua", function), *arguments
            )

        options = (f"{NAME}-grid", "dashGridOptions")
        in_browser("keep", Output(f"{NAME}-kept", "data"), Input(f"{NAME}-query", "data"))
        in_browser("find", Output(*options), Input(f"{NAME}-find", "value"), State(*options))
        columns = (f"{NAME}-grid", "columnDefs")
        in_browser("columns", Output(*columns), Input(f"{NAME}-columns", "value"), State(*columns))

    async def _keep_columns(self, columns: list[str] | None) -> bool:
        return await keep(self._api, {"rankings_columns": columns or []})

    def _write_query(
        self, kpi: str, period: str, by: str, kind: str | None, beside: str, find: str | None
    ) -> str:
        values = {"kpi": kpi, "period": period, "by": by, "beside": beside}
        return self.page().write(values | {"kind": kind or "", "find": find or ""})

    async def _offer_members(self, kpi: str, by: str) -> tuple[list[dict[str, Any]], str]:
        return _by_options(kpi), by if by in MEMBERS[kpi] else "unit"

    async def _offer_kinds(
        self, kpi: str, period: str, by: str, kind: str
    ) -> tuple[list[dict[str, Any]], str]:
        return _kinds((await self._ranking(kpi, period, by)).value, kind)

    async def _ranking(self, kpi: str, period: str, by: str) -> Answer[Ranking]:
        return await self._api.ranking(kpi=kpi, period=period, by=by, compare=True)

    async def _content(
        self, kpi: str, period: str, by: str, kind: str, beside: str, find: str | None
    ) -> list[Component]:
        if by not in MEMBERS.get(kpi, ()):
            by = "unit"
        answer = await self._ranking(kpi, period, by)
        return await self._told(answer, Asked(kpi=kpi, period=period, by=by), kind, beside, find)

    async def _told(
        self, answer: Answer[Ranking], asked: Asked, kind: str, beside: str, find: str | None
    ) -> list[Component]:
        if answer.value is None:
            # Counters are refused for another reason as well: while their period runs.
            own = asked.by == "counter"
            return [refused(answer.error) if own else untold(answer.error, asked.period)]
        told, response, experience, (scheme, official), other = await asyncio.gather(
            self._api.units(),
            self._by_unit("response_rate", asked, of=_KPIS[:1]),
            self._by_unit("experience_index", asked, of=_KPIS),
            self._official(asked),
            self._beside(asked, beside),
        )
        units = told.value or ()
        shown = Shown(
            ranking=answer.value,
            kind=_chosen(answer.value, kind),
            names=names_of(units, answer.value),
            simulated=frozenset(unit.id for unit in units if unit.simulated),
            response=response,
            experience=experience,
            official=official,
            scheme=scheme,
            beside=other,
        )
        return [*_notices(shown), *_figures(shown), _below(shown, find or "")]

    async def _beside(self, asked: Asked, period: str) -> Mapping[str, Ranked]:
        """Return the members as they stood in another period, if one is chosen."""
        if period == _NOTHING:
            return {}
        ranking = (await self._api.ranking(kpi=asked.kpi, period=period, by=asked.by)).value
        kinds = ranking.kinds if ranking else ()
        return {row.member: row for kind in kinds for row in kind.rows}

    async def _by_unit(self, kpi: str, asked: Asked, *, of: Sequence[str]) -> Mapping[str, Reading]:
        """Return a KPI of each unit that stands beside the rankings `of` others."""
        if asked.by != "unit" or asked.kpi not in of:
            return {}
        answer = await self._api.readings(
            kpis=(kpi,), scope=place_of_figures(), period=asked.period, by=("unit",)
        )
        found = answer.value.readings if answer.value else ()
        return {reading.scope.removeprefix("subtree:"): reading for reading in found}

    async def _official(self, asked: Asked) -> tuple[Scheme | None, Mapping[str, Class]]:
        """Return the official scheme with each unit's score of the period, if it judges such."""
        schemes = (await self._api.schemes()).value or ()
        scheme = version_for(schemes, OFFICIAL, asked.period)
        if asked.by != "unit" or scheme is None or kind_of(asked.period) not in scheme.periods:
            return None, {}
        judged = (await self._api.classes(scheme=OFFICIAL, period=asked.period)).value
        return scheme, {each.unit: each for each in (judged.classes if judged else ())}

    async def _explain(
        self, clicked: Mapping[str, Any] | None, kpi: str, period: str, by: str
    ) -> list[Component]:
        member = str((clicked or {}).get("rowId", ""))
        if not member:
            return _hint()
        answer = await self._api.explanation(kpi=kpi, period=period, by=by, member=member)
        if answer.value is None:
            return [refused(answer.error)]
        units = {unit.id: name_of(unit).text for unit in (await self._api.units()).value or ()}
        name = name_of_member(answer.value.row, units)
        return why(answer.value, member, name, Asked(kpi=kpi, period=period, by=by))


def _kinds(ranking: Ranking | None, kind: str) -> tuple[list[dict[str, Any]], str]:
    """Return the kinds that a ranking has, and which of them is shown."""
    if ranking is None:
        return [], ""
    found = _chosen(ranking, kind)
    options = [{"label": _named_kind(each), "value": each.kind} for each in ranking.kinds]
    return options, found.kind if found else ""


def _chosen(ranking: Ranking, kind: str) -> RankedKind | None:
    """Return the kind that is asked for, else the one with the most ranked members."""
    named = [each for each in ranking.kinds if each.kind == kind]
    most = sorted(ranking.kinds, key=lambda each: -sum(row.rank is not None for row in each.rows))
    return next(iter([*named, *most]), None)


def _notices(shown: Shown) -> list[Component]:
    said = []
    if shown.ranking.running:
        said.append(say("rankings.running"))
    if shown.kind is None:
        said.append(say("rankings.nothing"))
    elif shown.kind.level is None:
        said.append(say("rankings.nobody"))
    return [html.P(spans(each), className="notice") for each in said]


def _figures(shown: Shown) -> list[Component]:
    if shown.kind is None or shown.kind.level is None:
        return []
    kind, names = shown.kind, shown.names
    drawn = (
        ("funnel", "rankings.funnel_key", render_funnel(kind, names), funnel_figures(kind, names)),
        ("ranks", "rankings.ranks_key", render_ranks(kind, names), rank_figures(kind, names)),
    )
    return [
        html.Div(
            [
                chart(
                    figure,
                    figures_table(figures, tell(f"rankings.{part}")),
                    name=tell(f"rankings.{part}"),
                    height="19rem",
                    chart_id=f"{NAME}-{part}",
                    notes=[html.P(tell(key), className="note")],
                )
                for part, key, figure, figures in drawn
            ],
            className="drawn",
        )
    ]


def _below(shown: Shown, find: str) -> Component:
    return html.Div(
        [
            html.Div(
                [_level(shown), standings_grid(f"{NAME}-grid", shown, find)], className="listed"
            ),
            html.Aside(_hint(), id=f"{NAME}-why", className="why"),
        ],
        className="below",
    )


def _level(shown: Shown) -> Component:
    if shown.kind is None or shown.kind.level is None:
        return html.P()
    ranked = sum(each.rank is not None for each in shown.kind.rows)
    said = say(
        "rankings.level",
        level=str(formats.share(shown.kind.level)),
        ranked=ranked,
        unranked=len(shown.kind.rows) - ranked,
    )
    return html.P(spans(said), className="note")


def _hint() -> list[Component]:
    return [html.P(spans(say("rankings.choose")), className="note")]


def _named_kind(kind: RankedKind) -> str:
    own = Bilingual(vi=kind.name_vi or "", en=kind.name_en or "")
    return own.text or _kind(kind.kind)


def _kind(kind: str) -> str:
    return say_if_known(f"kind.{kind}", kind).text


def _beside_options(now: datetime) -> list[dict[str, Any]]:
    nothing = {"label": tell("classes.none"), "value": _NOTHING}
    return [nothing, *({"label": s.text, "value": value} for value, s in period_choices(now))]


async def _columns_choice(api: RestClient) -> Component:
    """Return the choice of columns, kept with the account; by the browser for who has none."""
    kept = await kept_preferences(api)
    known = CHOSEN if kept is None or kept.rankings_columns is None else kept.rankings_columns
    in_browser: dict[str, Any] = {"persistence": True, "persistence_type": "local"}
    options = [{"label": tell(f"rankings.column.{each}"), "value": each} for each in CHOSEN]
    return html.Label(
        [
            html.Span(tell("rankings.columns")),
            dropdown(
                f"{NAME}-columns",
                options,
                [each for each in CHOSEN if each in known],
                many=True,
                **(in_browser if kept is None else {}),
            ),
        ]
    )


def _kpi_options(catalogue: Sequence[KpiDefinition]) -> list[dict[str, Any]]:
    named = {kpi.id: name_of(kpi).text for kpi in catalogue}
    return [{"label": named.get(kpi, kpi), "value": kpi} for kpi in _KPIS]


def _by_options(kpi: str) -> list[dict[str, Any]]:
    return [
        {"label": say(f"rankings.of.{each}").text, "value": each}
        for each in MEMBERS.get(kpi, ("unit",))
    ]
