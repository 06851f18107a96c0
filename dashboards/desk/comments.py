"""The page of what telephones brought: answers as figures, and comments to be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import partial

from dash import html
from dash.development.base_component import Component

from contract.readings import Unit
from dashboards.api.acts import Outcome
from dashboards.api.comments import Answered, Answers, Comment
from dashboards.api.rest import Answer, RestClient
from dashboards.api.visiting import may, visitor
from dashboards.desk.acts import Act, ActsPage, Given, folded, form, refused, table
from dashboards.desk.choices import choice, period_options, unit_options
from dashboards.desk.pages import Page, Values, text
from dashboards.desk.period_choices import this_month
from dashboards.look import formats
from dashboards.look.texts import Bilingual, say, spans, tell

NAME = "comments"
RELEASE = "release_comments"
_STATES = ("unread", "read", "all")
_ANY = "all"


class CommentsPage:
    """Reads comments and answers of a unit, and shows or withholds comments as whoever looks."""

    def __init__(self, api: RestClient) -> None:
        self._api = api

    def page(self) -> Page:
        """Return the page for the registry."""
        return ActsPage(
            name=NAME,
            right="read_comments",
            parameters=(text("unit"), text("state", _ANY), text("period")),
            content=self._content,
            acts=(
                Act(name="comment_show", right=RELEASE, send=partial(self._read, shown=True)),
                Act(name="comment_withhold", right=RELEASE, send=partial(self._read, shown=False)),
            ),
            above=self._choices,
            chosen=("unit", "state", "period"),
        ).page()

    async def _read(self, comment: str, _: Given, *, shown: bool) -> Outcome:
        return await self._api.act("PUT", f"/comments/{comment}/reading", body={"shown": shown})

    async def _choices(self, values: Values) -> Sequence[Component]:
        units = unit_options(await self._units())
        states = [{"label": tell(f"comments.state.{each}"), "value": each} for each in _STATES]
        return [
            html.Div(
                [
                    choice(NAME, "unit", units, _unit(values, units), label=tell("column.unit")),
                    choice(
                        NAME, "state", states, values["state"], label=tell("comments.state_label")
                    ),
                    choice(NAME, "period", period_options(), _period(values)),
                ],
                className="choices",
            )
        ]

    async def _content(self, values: Values) -> Sequence[Component]:
        unit = _unit(values, unit_options(await self._units()))
        if not unit:
            return [html.P(spans(say("desk.nothing_yet")), className="notice")]
        state = "" if values["state"] == _ANY else values["state"]
        comments = await self._api.comments(unit=unit, state=state)
        if comments.value is None:
            return [refused(comments.error)]
        answers = await self._api.answers(unit=unit, period=_period(values))
        return [
            html.H2(tell("comments.answers")),
            *_answers(answers),
            html.H2(tell("comments.comments")),
            html.P(tell("comments.held"), className="note"),
            _comments(comments.value),
        ]

    async def _units(self) -> Sequence[Unit]:
        units = (await self._api.units()).value or ()
        who = visitor()
        if who is None:
            return units
        return within(units, who.rights.get("read_comments", ()))


def within(units: Iterable[Unit], scopes: Sequence[str]) -> list[Unit]:
    """Return those of `units` that lie in one of the scopes, each with what is below it."""
    found = list(units)
    if "province" in scopes:
        return found
    parents = {unit.id: unit.parent for unit in found}
    tops = {scope.partition(":")[2] for scope in scopes}

    def line(unit: str | None) -> Iterable[str]:
        while unit is not None:
            yield unit
            unit = parents.get(unit)

    return [unit for unit in found if not tops.isdisjoint(line(unit.id))]


def _unit(values: Values, options: Sequence[dict[str, str]]) -> str:
    return values["unit"] or (options[0]["value"] if options else "")


def _period(values: Values) -> str:
    return values["period"] or this_month(datetime.now(UTC))


def _answers(answer: Answer[Answers]) -> Sequence[Component]:
    if answer.value is None:
        return [refused(answer.error)]
    told = answer.value
    if not told.questions:
        return [html.P(tell("comments.no_answers", few=told.group_of), className="notice calm")]
    rows = [_answer(one) for one in told.questions]
    return [
        table(
            "comments.column", ("question", "n", "satisfied"), rows, label=tell("comments.answers")
        ),
        html.P(tell("comments.groups", few=told.group_of), className="note"),
    ]


def _answer(one: Answered) -> Sequence[object]:
    said = Bilingual(vi=one.vi, en=one.en).text
    if one.share_satisfied is None or one.low is None or one.high is None:
        return said, formats.number(one.n), tell("comments.few")
    share, low, high = map(formats.share, (one.share_satisfied, one.low, one.high))
    return said, formats.number(one.n), f"{share} ({low} – {high})"


def _comments(found: Sequence[Comment]) -> Component:
    if not found:
        return html.P(tell("acts.empty"), className="notice calm")
    return html.Ol([_comment(one) for one in found], className="thread")


def _comment(one: Comment) -> Component:
    marks = [html.Span(tell(f"comments.mark.{mark}"), className="mark") for mark in one.marks]
    head = f"{formats.date_time(one.given_at)} · {one.counter} · {tell(f'rating.{one.score}')}"
    return html.Li(
        [
            html.Div([html.B(head), *marks], className="head"),
            html.P(one.text, lang=one.language),
            html.P(_state(one), className="note"),
            *(_forms(one) if may(RELEASE) else ()),
        ]
    )


def _state(one: Comment) -> str:
    if one.read_at is None:
        return tell("comments.is_unread")
    key = "comments.is_shown" if one.shown else "comments.is_withheld"
    return tell(key, who=one.read_by or "–", at=formats.date_time(one.read_at))


def _forms(one: Comment) -> Sequence[Component]:
    """What is shown can be withheld later; what is withheld stays so."""
    if one.read_at is None:
        return [form("comment_show", one.rating, ()), folded("comment_withhold", one.rating)]
    return [folded("comment_withhold", one.rating)] if one.shown else []
