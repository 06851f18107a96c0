"""Annotations on the time line: their page, and the marks that they set on a trend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from contract.local_time import LOCAL_TIME
from dashboards.api.acts import Outcome
from dashboards.api.rest import RestClient
from dashboards.api.visiting import may, visitor
from dashboards.desk.acts import Act, ActsPage, Field, Given, folded, form, refused, table
from dashboards.desk.choices import unit_options
from dashboards.desk.labels import named
from dashboards.desk.pages import Values, text
from dashboards.desk.paging import paged
from dashboards.look.formats import date_time, iso_day
from dashboards.look.texts import name_of, tell
from runtime.root_path import below_root

NAME = "annotations"
_MARKS_PX = 28
RIGHT = "handle_alerts"
_PROVINCE = "province"


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """What happened on a day; without `unit` in the whole province."""

    id: str
    day: date
    told: str
    author: str
    noted_at: datetime
    unit: str | None = None


class Annotations:
    """Lists what was noted of a place, and notes as whoever is signed in."""

    def __init__(self, api: RestClient) -> None:
        self._api = api

    def page(self) -> ActsPage:
        """Return the page with its acts."""
        return ActsPage(
            name=NAME,
            right="read_figures",
            parameters=(text("scope"), text("day"), text("page")),
            content=self._content,
            acts=(
                Act(name="annotation_add", right=RIGHT, send=self._add),
                Act(name="annotation_remove", right=RIGHT, send=self._remove),
            ),
        )

    async def _add(self, _: str, given: Given) -> Outcome:
        body = {name: str(given.get(name) or "").strip() for name in ("scope", "day", "told")}
        body["day"] = iso_day(body["day"])
        return await self._api.act("POST", "/annotations", body=body)

    async def _remove(self, subject: str, _: Given) -> Outcome:
        return await self._api.act("DELETE", f"/annotations/{subject}")

    async def _content(self, values: Values) -> Sequence[Component]:
        scope = values["scope"] or _own_place()
        units = (await self._api.units()).value or ()
        names = {unit.id: name_of(unit).text for unit in units}
        answer = await read_annotations(self._api, scope)
        if answer is None:
            return [refused(None)]
        shown, links = paged(answer, values)
        columns = ("day", "told", "place", "author", "act")
        rows = [
            (
                f"{each.day:%d/%m/%Y}",
                each.told,
                names.get(each.unit, each.unit) if each.unit else tell("place.province"),
                f"{each.author} · {date_time(each.noted_at)}",
                folded("annotation_remove", each.id) if may(RIGHT) else "",
            )
            for each in shown
        ]
        today = datetime.now(UTC).astimezone(LOCAL_TIME).date()
        places = [(f"subtree:{each['value']}", each["label"]) for each in unit_options(units)]
        whole = [(_PROVINCE, tell("place.province"))]
        fields = [
            Field(
                name="scope", label=tell("choice.scope"), value=scope, choices=[*whole, *places]
            ),
            Field(
                name="day", label=tell("annotations.field.day"),
                value=values["day"] or f"{today:%d/%m/%Y}", note=tell("annotations.day_note"),
            ),
            Field(
                name="told", label=tell("annotations.field.told"),
                note=tell("annotations.told_note"), most=300, long=True,
            ),
        ]  # fmt: skip
        return [
            html.H1(tell("annotations.title")),
            html.P(tell("annotations.note"), className="note"),
            *([form("annotation_add", "new", fields)] if may(RIGHT) else []),
            table(NAME, columns, rows),
            *links,
        ]


async def read_annotations(
    api: RestClient, scope: str, period: str = ""
) -> tuple[Annotation, ...] | None:
    """Return what was noted of a place and of those above it, None where nobody can say."""
    asked = {"scope": scope} | ({"period": period} if period else {})
    answer = await api.read(f"/annotations?{urlencode(asked)}", tuple[Annotation, ...])
    return answer.value


async def noted(api: RestClient, scope: str, period: str) -> list[Component]:
    """Return the annotations of a period below its trends, with the way to note another one."""
    found = await read_annotations(api, scope, period) or ()
    way = html.A(
        tell("annotations.way"), href=f"{below_root('/annotations')}?{urlencode({'scope': scope})}"
    )
    lines = [html.Li(f"▲ {each.day:%d/%m/%Y}: {each.told}") for each in found]
    listed = [html.Ul(lines, className="asks")] if lines else []
    return [
        html.Section(
            [html.H3(tell("annotations.title")), *listed, html.P(way)],
            className="part noted",
            **named(tell("annotations.title")),
        )
    ]


def marked(figure: Mapping[str, Any], periods: Sequence[str], found: Sequence[Annotation]) -> Any:  # noqa: ANN401 - Plotly's own type
    """Return a trend's figure with a mark over each part in which something was noted.

    `periods` are the texts of the parts, in the order of the figure's own places.
    """
    places = {
        place for place, period in enumerate(periods) for each in found if holds(period, each.day)
    }
    layout = dict(figure["layout"])
    marks = [
        {"xref": "x", "yref": "paper", "x": place, "y": 1, "yanchor": "bottom", "text": "▲",
         "showarrow": False}
        for place in sorted(places)
    ]  # fmt: skip
    layout["annotations"] = [*layout.get("annotations", ()), *marks]
    if marks:
        layout["margin"] = {"t": _MARKS_PX}  # the template's leaves none above the plot
    return {**figure, "layout": layout}


def holds(period: str, day: date) -> bool:
    """Return whether a day, week, month, quarter or year of the calendar holds a day."""
    year, week, _ = day.isocalendar()
    quarter = (day.month + 2) // 3
    return period in {
        day.isoformat(),
        f"{year:04}-W{week:02}",
        f"{day:%Y-%m}",
        f"{day.year:04}-Q{quarter}",
        f"{day.year:04}",
    }


def _own_place() -> str:
    found = visitor()
    scopes = () if found is None else found.rights.get("read_figures", ())
    return scopes[0] if scopes and _PROVINCE not in scopes else _PROVINCE
