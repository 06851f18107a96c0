"""The page of schemes: every version with its days, basis, classes and the weight of each part."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import partial
from itertools import groupby

from dash import html
from dash.development.base_component import Component

from contract.local_time import LOCAL_TIME
from dashboards.api.classes import Said, Scheme
from dashboards.api.rest import RestClient
from dashboards.api.visiting import may
from dashboards.desk import scheme_versions
from dashboards.desk.acts import Act, ActsPage, refused, table
from dashboards.desk.judging import terms_of
from dashboards.desk.pages import Page, Values, text
from dashboards.look.formats import number
from dashboards.look.texts import Bilingual, say_if_known, tell
from runtime.root_path import below_root

NAME = "schemes"


class SchemesPage:
    """Reads the schemes that the API scores by."""

    def __init__(self, api: RestClient) -> None:
        self._api = api

    def page(self) -> Page:
        """Return the page for the registry."""
        return ActsPage(
            name=NAME,
            right="read_catalogue",
            parameters=(text("scheme"),),
            content=self._content,
            acts=(
                Act(
                    name=scheme_versions.ACT,
                    right=scheme_versions.RIGHT,
                    send=partial(scheme_versions.try_or_hold, self._api),
                    told=scheme_versions.told,
                    keeps=scheme_versions.is_tried,
                ),
            ),
        ).page()

    async def _content(self, values: Values) -> Sequence[Component]:
        answer = await self._api.schemes()
        if answer.value is None:
            return [refused(answer.error)]
        chosen = next((each for each in answer.value if _key(each) == values["scheme"]), None)
        shown = _content(answer.value, chosen)
        if chosen is not None and may(scheme_versions.RIGHT):
            shown += await scheme_versions.editing(self._api, chosen)
        return shown


def _content(schemes: Sequence[Scheme], chosen: Scheme | None) -> list[Component]:
    if not schemes:
        return [html.P(tell("schemes.none"), className="notice calm")]
    today = datetime.now(UTC).astimezone(LOCAL_TIME).date()
    rows = [
        (
            html.A(_said(each.name), href=f"{below_root('/schemes')}?scheme={_key(each)}"),
            number(each.version),
            say_if_known(f"schemes.level.{each.level}", each.level).text,
            _day(each.valid_from),
            _day(each.valid_to),
            tell(f"schemes.state.{_state(each, today)}"),
            number(float(each.maximum)),
        )
        for each in schemes
    ]
    columns = ("name", "version", "level", "valid_from", "valid_to", "state", "maximum")
    listed = table("schemes.column", columns, rows, label=tell("page.schemes"))
    shown = [] if chosen is None else _one(chosen)
    return [html.H1(tell("schemes.title")), listed, html.P(tell("schemes.note"), className="note"),
            *shown]  # fmt: skip


def _one(scheme: Scheme) -> list[Component]:
    rows = []
    for _, parts in groupby(scheme.criteria, key=lambda each: each.group):
        for criterion in parts:
            share = number(float(100 * criterion.maximum / scheme.maximum)) + "%"
            rows.append(
                (
                    _said(criterion.name),
                    _said(criterion.group_name),
                    number(float(criterion.maximum), _digits(criterion.maximum)),
                    share,
                    "; ".join(name for _, name in terms_of(criterion)) or tell("schemes.computed"),
                )
            )
    bands = [(_said(each.name), number(float(each.first), _digits(each.first)))
             for each in scheme.bands]  # fmt: skip
    return [
        html.H2(f"{_said(scheme.name)} · {tell('schemes.version', version=scheme.version)}"),
        html.P(_said(scheme.basis)),
        *([html.P(_said(scheme.note), className="note")] if scheme.note else []),
        *([html.P(tell("schemes.to_be_filled_in"), className="notice")]
          if scheme.to_be_filled_in else []),
        html.H3(tell("schemes.criteria")),
        table("schemes.column", ("criterion", "group", "points", "weight", "entered"), rows,
              label=tell("schemes.criteria")),
        html.H3(tell("schemes.bands")),
        table("schemes.column", ("band", "first"), bands, label=tell("schemes.bands")),
    ]  # fmt: skip


def _state(scheme: Scheme, today: date) -> str:
    if scheme.valid_from is not None and scheme.valid_from > today:
        return "coming"
    return "over" if scheme.valid_to is not None and scheme.valid_to <= today else "in_force"


def _key(scheme: Scheme) -> str:
    return f"{scheme.id}:{scheme.version}"


def _said(text_: Said) -> str:
    return Bilingual(vi=text_.vi, en=text_.en).text


def _day(day: date | None) -> Component:
    """Return a day in one piece, however narrow its column."""
    return html.Span("–" if day is None else f"{day:%d/%m/%Y}", className="whole")


def _digits(points: object) -> int:
    return max(0, len(str(points).partition(".")[2].rstrip("0")))
