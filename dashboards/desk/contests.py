"""The page of contests: what was objected to, each as a thread, and what is decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeAlias
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from contract.readings import KpiDefinition, Unit
from dashboards.api.acts import Outcome
from dashboards.api.classes import Scheme
from dashboards.api.judgements import Contest
from dashboards.api.rest import RestClient
from dashboards.api.visiting import may, visitor
from dashboards.desk.acts import Act, ActsPage, Field, Given, form, refused, table
from dashboards.desk.grids import sort_text
from dashboards.desk.judging import version_for
from dashboards.desk.pages import Page, Values, text
from dashboards.desk.paging import paged
from dashboards.desk.period_choices import last_month, named_period, period_choices
from dashboards.desk.points import entries, point_fields
from dashboards.look.figures import write_value
from dashboards.look.formats import date_time, number
from dashboards.look.texts import Bilingual, name_of, say_if_known, tell

NAME = "contests"
Catalogue: TypeAlias = Mapping[str, KpiDefinition]
_KINDS = ("figure", "class", "rating")
_EFFECTS = {
    "figure": ("kept", "restated"),
    "class": ("kept", "restated"),
    "rating": ("kept", "left_out"),
}


class Contests:
    """Reads and answers contests as whoever looks."""

    def __init__(self, api: RestClient) -> None:
        self._api = api

    def page(self) -> Page:
        """Return the page for the registry."""
        return ActsPage(
            name=NAME,
            right="read_contests",
            parameters=tuple(
                text(name)
                for name in (
                    "period",
                    "unit",
                    "contest",
                    "kind",
                    "kpi",
                    "scheme",
                    "officer",
                    "page",
                )
            ),
            content=self._content,
            acts=(
                Act(name="contest_file", right="contest", send=self._file),
                Act(name="contest_assign", right="answer_contests", send=self._assign),
                Act(name="contest_answer", right="answer_contests", send=self._answer),
            ),
        ).page()

    async def _file(self, _: str, given: Given) -> Outcome:
        kind = given["kind"]
        body = {
            "kind": kind,
            "unit": given["unit"] or "",
            "officer": given["officer"] or None,
            "period": "" if kind == "rating" else given["period"],
            "kpi": given["kpi"] if kind == "figure" else None,
            "scheme": given["scheme"] if kind == "class" else None,
            "rating": given["rating"] if kind == "rating" else None,
            "reason": given["reason"] or "",
        }
        return await self._api.act("POST", "/contests", body=body)

    async def _assign(self, contest: str, given: Given) -> Outcome:
        body = {"assignee": given["assignee"] or ""}
        return await self._api.act("PUT", f"/contests/{contest}/assignee", body=body)

    async def _answer(self, contest: str, given: Given) -> Outcome:
        restated = given["effect"] == "restated"
        body = {
            "effect": given["effect"],
            "answer": given["answer"] or "",
            "entries": entries(given) if restated else [],
        }
        return await self._api.act("POST", f"/contests/{contest}/answer", body=body)

    async def _content(self, values: Values) -> Sequence[Component]:
        answer = await self._api.contests(period=values["period"], unit="")
        if answer.value is None:
            return [refused(answer.error)]
        units = (await self._api.units()).value or ()
        names = {unit.id: name_of(unit).text for unit in units}
        opened = next((each for each in answer.value if each.id == values["contest"]), None)
        schemes = (await self._api.schemes()).value or ()
        said = {each.id: Bilingual(vi=each.name.vi, en=each.name.en).text for each in schemes}
        catalogue = {kpi.id: kpi for kpi in (await self._api.catalogue()).value or ()}
        said |= {id_: name_of(kpi).text for id_, kpi in catalogue.items()}
        if opened is not None:
            unit = names.get(opened.unit, opened.unit)
            return [_back(), *_thread(opened, unit, schemes, said, catalogue)]
        listed = sorted(answer.value, key=lambda each: each.filed_at, reverse=True)
        shown, links = paged(listed, values)
        rows = [_row(each, names.get(each.unit, each.unit), said, catalogue) for each in shown]
        columns = ("unit", "subject", "reason", "filed", "answerer", "effect")
        return [
            *(await self._filing(values, units, schemes) if may("contest") else ()),
            table(NAME, columns, rows),
            *links,
        ]

    async def _filing(
        self, values: Values, units: Sequence[Unit], schemes: Sequence[Scheme]
    ) -> Sequence[Component]:
        catalogue = (await self._api.catalogue()).value or ()
        ordered = sorted(units, key=lambda unit: sort_text(name_of(unit).text))
        now = datetime.now(UTC)
        found = {each.id: Bilingual(vi=each.name.vi, en=each.name.en).text for each in schemes}
        asked = values["period"] or last_month(now)
        periods = {asked: asked} | {value: said.text for value, said in period_choices(now)}
        kpis = [(kpi.id, name_of(kpi).text) for kpi in catalogue]
        fields = (
            Field(
                name="kind",
                label=tell("contests.field.kind"),
                value=values["kind"] or _KINDS[0],
                choices=[(kind, tell(f"contests.kind.{kind}")) for kind in _KINDS],
            ),
            Field(
                name="unit",
                label=tell("column.unit"),
                value=values["unit"] or None,
                choices=[(unit.id, name_of(unit).text) for unit in ordered],
            ),
            Field(
                name="period",
                label=tell("contests.field.period"),
                value=asked,
                choices=list(periods.items()),
            ),
            Field(
                name="kpi",
                label=tell("contests.field.kpi"),
                value=values["kpi"] or None,
                choices=kpis,
            ),
            Field(
                name="scheme",
                label=tell("contests.field.scheme"),
                value=values["scheme"] or None,
                choices=list(found.items()),
            ),
            Field(name="rating", label=tell("contests.field.rating"), most=36),
            Field(
                name="officer",
                label=tell("contests.field.officer"),
                value=values["officer"],
                most=63,
            ),
            Field(name="reason", label=tell("contests.reason"), long=True, most=4000),
        )
        return [
            html.Details(
                [html.Summary(tell("acts.contest_file")), form("contest_file", "", fields)],
                open=bool(values["kind"]),
                className="filing",
            )
        ]


def contest_address(**subject: str) -> str:
    """Return the query of the page that objects to a subject."""
    return f"?{urlencode(subject)}"


def _back() -> Component:
    return html.A(tell("acts.back"), href="?", className="back")


def _subject(found: Contest, said: Mapping[str, str]) -> str:
    """Return what is contested, its KPI or scheme by its name in `said`."""
    of = found.kpi or found.scheme or found.rating or ""
    parts = (_kind(found), said.get(of, of), named_period(found.period))
    return " · ".join(filter(None, parts))


def _row(
    found: Contest, unit: str, said: Mapping[str, str], catalogue: Catalogue
) -> Sequence[object]:
    link = html.A(unit, href=f"?contest={found.id}")
    return (
        link,
        _subject(found, said),
        html.Span(found.reason, className="clipped"),
        f"{date_time(found.filed_at)} · {found.filed_by}",
        found.assignee_name or tell("contests.nobody"),
        _effect(found, catalogue),
    )


def _kind(found: Contest) -> str:
    return say_if_known(f"contests.kind.{found.kind}", found.kind).text


def _effect(found: Contest, catalogue: Catalogue) -> str:
    if found.effect is None:
        return tell("contests.open")
    said = say_if_known(f"contests.effects.{found.effect}", found.effect).text
    before, after = found.value_before, found.value_after
    if before is None or after is None or before == after:
        return said
    kpi = catalogue.get(found.kpi or "")
    return f"{said}: {_written(before, kpi)} → {_written(after, kpi)}"


def _written(value: Decimal, kpi: KpiDefinition | None) -> str:
    """Return a contested value as its KPI is written elsewhere, points of a class to hundredths."""
    if kpi is None:
        return number(float(value), 2)
    return str(write_value(kpi, float(value)))


def _thread(
    found: Contest,
    unit: str,
    schemes: Sequence[Scheme],
    said: Mapping[str, str],
    catalogue: Catalogue,
) -> Sequence[Component]:
    kpi = catalogue.get(found.kpi or "")
    before = _value(found.value_before, kpi)
    steps: list[Component] = [
        _said("filed_by", found.filed_by, found.filed_at, found.reason, before)
    ]
    if found.assigned_at is not None:
        steps.append(
            _said("assigned_by", found.assigned_by, found.assigned_at, found.assignee_name or "")
        )
    if found.answered_at is not None:
        told = f"{_effect(found, catalogue)}. {found.answer or ''}"
        value = _value(found.value_after, kpi)
        steps.append(_said("answered_by", found.answered_by, found.answered_at, told, value))
    return [
        html.H1([unit, *([f" · {found.officer}"] if found.officer else [])]),
        html.P(_subject(found, said), className="note"),
        html.Ol(steps, className="thread"),
        *_forms(found, schemes),
    ]


def _value(value: Decimal | None, kpi: KpiDefinition | None) -> str:
    return "" if value is None else tell("contests.value", value=_written(value, kpi))


def _said(key: str, who: str | None, at: datetime, told: str, value: str = "") -> Component:
    head = tell(f"contests.{key}", who=who or "–", at=date_time(at))
    return html.Li([html.B(head), html.P(told), *([html.P(value, className="note")] * bool(value))])


def _forms(found: Contest, schemes: Sequence[Scheme]) -> Sequence[Component]:
    if found.effect is not None or not may("answer_contests"):
        return ()
    assignee = Field(
        name="assignee",
        label=tell("contests.field.assignee"),
        value=found.assignee_name or "",
        note=tell("contests.field.assignee_note"),
        most=63,
    )
    assigning = form("contest_assign", found.id, (assignee,))
    who = visitor()
    if who is None or found.assignee_name != who.name:
        return [assigning, html.P(tell("contests.not_yours"), className="note")]
    effects = [(each, tell(f"contests.effects.{each}")) for each in _EFFECTS[found.kind]]
    fields = [
        Field(name="effect", label=tell("contests.field.effect"), value="kept", choices=effects),
        Field(name="answer", label=tell("contests.answer"), long=True, most=4000),
    ]
    scheme = version_for(schemes, found.scheme or "", found.period)
    if found.kind == "class" and scheme is not None:
        fields += point_fields(scheme)
    return [form("contest_answer", found.id, fields), assigning]
