"""The page of appraisals: what waits for whom, and each with its scores and its steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

from dash import html
from dash.development.base_component import Component

from contract.readings import Unit
from dashboards.api.acts import Outcome
from dashboards.api.classes import Class, Scheme
from dashboards.api.judgements import Appraisal, Scored, StepTaken
from dashboards.api.rest import RestClient
from dashboards.api.visiting import may
from dashboards.desk import closings
from dashboards.desk.acts import Act, ActsPage, Field, Given, folded, form, refused, table
from dashboards.desk.grids import sort_text
from dashboards.desk.judging import terms_of, unit_schemes, version_for
from dashboards.desk.pages import Page, Values, text
from dashboards.desk.paging import paged
from dashboards.desk.period_choices import last_month, named_period, period_choices
from dashboards.desk.points import entries, point_fields, written
from dashboards.look.formats import date_time, number
from dashboards.look.texts import Bilingual, name_of, say_if_known, tell

NAME = "appraisal"
_STEPS: Mapping[str, tuple[str, str]] = {
    "self_score": ("appraisal_self_score", "self_score"),
    "appraisal": ("appraisal_appraisal", "appraise"),
    "answer": ("appraisal_answer", "self_score"),
    "final": ("appraisal_final", "appraise"),
}
"""The steps, each with its act and the right that it needs."""


class Appraisals:
    """Reads appraisals and takes their steps as whoever looks."""

    def __init__(self, api: RestClient) -> None:
        self._api = api

    def page(self) -> Page:
        """Return the page for the registry."""
        steps = tuple(
            Act(name=act, right=right, send=partial(self._step, step))
            for step, (act, right) in _STEPS.items()
        )
        return ActsPage(
            name=NAME,
            right="read_appraisals",
            parameters=tuple(text(name) for name in ("period", "unit", "appraisal", "page")),
            content=self._content,
            acts=(
                Act(name="appraisal_open", right="manage_appraisals", send=self._open),
                Act(name="appraisal_hand_over", right="manage_appraisals", send=self._hand_over),
                Act(
                    name=closings.ACT,
                    right=closings.RIGHT,
                    send=partial(closings.close, self._api),
                ),
                *steps,
            ),
        ).page()

    async def _open(self, _: str, given: Given) -> Outcome:
        names = ("scheme", "period", "unit", "appraiser")
        body = {name: given[name] or "" for name in names} | {"officer": given["officer"] or None}
        return await self._api.act("POST", "/appraisals", body=body)

    async def _hand_over(self, appraisal: str, given: Given) -> Outcome:
        body = {name: given[name] or "" for name in ("appraiser", "reason")}
        return await self._api.act("PUT", f"/appraisals/{appraisal}/appraiser", body=body)

    async def _step(self, step: str, appraisal: str, given: Given) -> Outcome:
        body = {"entries": entries(given), "comment": given.get("comment") or ""}
        path = f"/appraisals/{appraisal}/{step.replace('_', '-')}"
        return await self._api.act("POST", path, body=body)

    async def _content(self, values: Values) -> Sequence[Component]:
        units = (await self._api.units()).value or ()
        schemes = (await self._api.schemes()).value or ()
        names = {unit.id: name_of(unit).text for unit in units}
        if values["appraisal"]:
            return await self._opened(values, names, schemes)
        answer = await self._api.appraisals(period=values["period"], unit=values["unit"])
        if answer.value is None:
            return [refused(answer.error)]
        columns = ("unit", "scheme", "state", "next", "due", "appraiser")
        shown, links = paged(answer.value, values)
        rows = [_row(each, names.get(each.unit, each.unit)) for each in shown]
        return [
            *(_opening(units, schemes) if may("manage_appraisals") else ()),
            table(NAME, columns, rows),
            *links,
            *await closings.closing(self._api, names),
        ]

    async def _opened(
        self, values: Values, names: Mapping[str, str], schemes: Sequence[Scheme]
    ) -> Sequence[Component]:
        answer = await self._api.read(f"/appraisals/{values['appraisal']}", Appraisal)
        if answer.value is None:
            return [refused(answer.error)]
        found = answer.value
        scheme = version_for(schemes, found.scheme, found.period)
        if scheme is None:
            return [refused(None)]
        beside = await self._beside(found, schemes)
        return [
            html.A(tell("acts.back"), href="?", className="back"),
            html.H1(
                names.get(found.unit, found.unit) + (f" · {found.officer}" * bool(found.officer))
            ),
            html.P(_summary(found, scheme), className="note"),
            _scores(found, scheme),
            *beside,
            _history(found.steps or (), scheme),
            *_forms(found, scheme),
        ]

    async def _beside(self, found: Appraisal, schemes: Sequence[Scheme]) -> Sequence[Component]:
        """Return the totals by both schemes of this level, side by side."""
        if found.officer is not None:
            return ()
        lines = []
        for scheme in unit_schemes(schemes, found.period):
            answer = await self._api.classes(scheme=scheme.id, period=found.period)
            rows = () if answer.value is None else answer.value.classes
            own = next((each for each in rows if each.unit == found.unit), None)
            if own is not None:
                name = Bilingual(vi=scheme.name.vi, en=scheme.name.en).text
                lines.append((name, *_class_said(own, scheme)))
        columns = ("scheme", "total", "class", "missing")
        title = tell("appraisal.beside")
        return [html.H2(title), table("appraisal.schemes", columns, lines, label=title)]


def _class_said(own: Class, scheme: Scheme) -> tuple[str, str, str]:
    bands = {band.id: Bilingual(vi=band.name.vi, en=band.name.en).text for band in scheme.bands}
    total = (
        tell(
            "classes.range",
            known=number(float(own.known), 2),
            highest=number(float(own.highest), 2),
        )
        if own.total is None
        else number(float(own.total), 2)
    )
    band = tell("classes.withheld") if own.band is None else bands[own.band]
    return (
        f"{total} {tell('classes.out_of', maximum=number(float(scheme.maximum)))}",
        band,
        number(len(own.missing)),
    )


def _row(found: Appraisal, unit: str) -> Sequence[object]:
    named = f"{unit} · {found.officer}" if found.officer else unit
    overdue = f" · {tell('appraisal.overdue')}" if found.overdue else ""
    gone = "" if found.appraiser_there else f" · {tell('appraisal.gone')}"
    return (
        html.A(named, href=f"?appraisal={found.id}"),
        f"{found.scheme} · {named_period(found.period)}",
        _state(found),
        _next(found),
        html.Span(
            ("–" if found.due_at is None else date_time(found.due_at)) + overdue,
            className="problem" if overdue else "",
        ),
        found.appraiser + gone,
    )


def _state(found: Appraisal) -> str:
    return say_if_known(f"appraisal.states.{found.state}", found.state).text


def _next(found: Appraisal) -> str:
    if found.next_step is None:
        return "–"
    return say_if_known(f"appraisal.steps.{found.next_step}", found.next_step).text


def _summary(found: Appraisal, scheme: Scheme) -> str:
    named = Bilingual(vi=scheme.name.vi, en=scheme.name.en).text
    due = "–" if found.due_at is None else date_time(found.due_at)
    return tell(
        "appraisal.summary",
        scheme=named,
        period=named_period(found.period),
        state=_state(found),
        next=_next(found),
        due=due,
        appraiser=found.appraiser,
    )


def _latest(steps: Sequence[StepTaken], step: str) -> Mapping[str, Scored]:
    found = [each for each in steps if each.step == step]
    return {entry.term: entry for entry in found[-1].entries} if found else {}


def _scores(found: Appraisal, scheme: Scheme) -> Component:
    """Return self score, appraised score and final score of every criterion side by side."""
    steps = found.steps or ()
    told = {step: _latest(steps, step) for step in ("self_score", "appraisal", "final")}
    rows = []
    for criterion in scheme.criteria:
        for term, name in terms_of(criterion):
            scored = [told[step].get(term) for step in told]
            evidence = next((each.evidence for each in scored if each is not None), "")
            cells = ["–" if each is None else written(each) or "–" for each in scored]
            rows.append((name, number(float(criterion.maximum)), *cells, evidence))
    columns = ("criterion", "maximum", "self_scored", "appraised", "final", "evidence")
    return table("appraisal.scores", columns, rows, label=tell("appraisal.scores_of"))


def _history(steps: Sequence[StepTaken], scheme: Scheme) -> Component:
    bands = {band.id: Bilingual(vi=band.name.vi, en=band.name.en).text for band in scheme.bands}
    lines = []
    for step in steps:
        said = say_if_known(f"appraisal.done.{step.step}", step.step).text
        late = f" · {tell('appraisal.late')}" if step.late else ""
        total = (
            ""
            if step.total is None
            else tell("appraisal.total", total=step.total.replace(".", ","))
        )
        band = "" if step.band is None else f" · {bands.get(step.band, step.band)}"
        lines.append(
            html.Li(
                [
                    html.B(f"{said} · {step.actor} · {date_time(step.at)}{late}"),
                    *([html.P(step.comment)] if step.comment else []),
                    *([html.P(total + band, className="note")] if total else []),
                ]
            )
        )
    return html.Ol(lines, className="thread")


def _forms(found: Appraisal, scheme: Scheme) -> Iterator[Component]:
    step = found.next_step
    act, right = _STEPS.get(step or "", ("", ""))
    if act and may(right):
        known = found.steps[-1].entries if found.steps else ()
        scored = () if step == "answer" else point_fields(scheme, known)
        comment = Field(name="comment", label=tell("appraisal.comment"), long=True, most=4000)
        yield form(act, found.id, (*scored, comment))
    if step is not None and may("manage_appraisals"):
        yield folded(
            "appraisal_hand_over",
            found.id,
            (
                Field(name="appraiser", label=tell("appraisal.appraiser"), most=63),
                Field(name="reason", label=tell("contests.reason"), long=True, most=2000),
            ),
        )


def _opening(units: Sequence[Unit], schemes: Sequence[Scheme]) -> Iterator[Component]:
    now = datetime.now(UTC)
    ordered = sorted(units, key=lambda unit: sort_text(name_of(unit).text))
    known = {each.id: Bilingual(vi=each.name.vi, en=each.name.en).text for each in schemes}
    fields = (
        Field(name="scheme", label=tell("classes.scheme"), value=None, choices=list(known.items())),
        Field(
            name="period",
            label=tell("classes.period"),
            value=last_month(now),
            choices=[(value, said.text) for value, said in period_choices(now)],
        ),
        Field(
            name="unit",
            label=tell("column.unit"),
            value=None,
            choices=[(unit.id, name_of(unit).text) for unit in ordered],
        ),
        Field(name="officer", label=tell("contests.field.officer"), most=63),
        Field(
            name="appraiser",
            label=tell("appraisal.appraiser"),
            note=tell("contests.field.assignee_note"),
            most=63,
        ),
    )
    yield html.Details(
        [html.Summary(tell("acts.appraisal_open")), form("appraisal_open", "", fields)],
        className="filing",
    )
