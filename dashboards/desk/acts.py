"""Pages on which people act: forms, what becomes of them, and the page as it is afterwards.

An act is sent to the API as whoever is signed in, and only with the proof that the page was made
for them. What was entered stays in the form until the act is done.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from dashboards.api.acts import Outcome, Verdict, is_proven, proof
from dashboards.api.visiting import may
from dashboards.desk.choices import dropdown
from dashboards.desk.labels import named
from dashboards.desk.navigation import header
from dashboards.desk.pages import Page, Parameter, Values
from dashboards.desk.period_choices import is_range
from dashboards.errors import ApiRefused, ApiUnreadable, FiguresMissing, PeriodRefused
from dashboards.look.texts import say, say_if_known, spans, tell

Given: TypeAlias = Mapping[str, Any]
"""What was entered, by the names of fields."""


def _nothing_told(_: Outcome) -> Sequence[Component]:
    return ()


async def _nothing_above(_: Values) -> Sequence[Component]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One kind of act: how it is sent, for the subject of its form, with what was entered.

    `right` is what somebody must hold to be offered it; `told` returns what is said when it is
    done beside the common sentence; `keeps` tells whether the page stays as it is afterwards.
    """

    name: str
    right: str
    send: Callable[[str, Given], Awaitable[Outcome]]
    told: Callable[[Outcome], Sequence[Component]] = _nothing_told
    keeps: Callable[[Outcome], bool] = lambda _: False


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a form: `choices` make it a choice, `long` a text of several lines."""

    name: str
    label: str
    value: Any = ""
    choices: Sequence[tuple[str, str]] | None = None
    many: bool = False
    long: bool = False
    note: str = ""
    most: int = 200


def form(act: str, subject: str, fields: Sequence[Field], *, button: str = "") -> Component:
    """Return the form of an act on `subject`; its button says what is done."""
    label = tell(f"acts.{act}")
    return html.Div(
        [
            *(_labelled(act, subject, each) for each in fields),
            html.Button(
                button or label, id=_id(act, subject, "send"), type="button", className="act"
            ),
        ],
        className="form",
        role="group",
        **named(label),
    )


def folded(act: str, subject: str, fields: Sequence[Field] = ()) -> Component:
    """Return the form behind its name: what cannot be taken back is done in two steps."""
    return html.Details(
        [html.Summary(tell(f"acts.{act}")), form(act, subject, fields, button=tell("acts.sure"))],
        className="folded",
    )


def _labelled(act: str, subject: str, asked: Field) -> Component:
    id_ = _id(act, subject, asked.name)
    entry: Component
    if asked.choices is not None:
        options = [{"value": value, "label": label} for value, label in asked.choices]
        entry = dropdown(id_, options, asked.value, many=asked.many)
    elif asked.long:
        entry = dcc.Textarea(id=id_, value=asked.value, maxLength=asked.most, rows=3)
    else:
        entry = dcc.Input(id=id_, value=asked.value, type="text", maxLength=asked.most)
    note = [html.Span(asked.note, className="note")] if asked.note else []
    return html.Label([html.Span(asked.label, className="name"), entry, *note])


def _id(act: str, subject: Any, part: str) -> dict[str, Any]:  # noqa: ANN401 - or any subject
    return {"act": act, "of": subject, "part": part}


@dataclass(frozen=True, slots=True, kw_only=True)
class ActsPage:
    """A page with acts: `content` makes it for the values of its parameters.

    `above` makes what stays above it: choices of the parameters that `chosen` names, by the ids of
    `choices.choice`; content and address follow them.
    """

    name: str
    right: str
    parameters: tuple[Parameter[Any], ...]
    content: Callable[[Values], Awaitable[Sequence[Component]]]
    acts: tuple[Act, ...]
    more: Callable[[Dash], None] = field(default=lambda _: None)
    above: Callable[[Values], Awaitable[Sequence[Component]]] = _nothing_above
    chosen: tuple[str, ...] = ()

    def page(self) -> Page:
        """Return the page for the registry."""
        return Page(
            name=self.name,
            parameters=self.parameters,
            layout=self._layout,
            register=self._register,
            right=self.right,
        )

    async def _layout(self, values: Values) -> Component:
        return html.Main(
            [
                header(self.name),
                *(await self.above(values)),
                html.Div(id=self._id("said"), className="outcome", role="status"),
                html.Div(list(await self.content(values)), id=self._id("content")),
                dcc.Store(id=self._id("asked"), data=dict(values)),
                dcc.Store(id=self._id("proof"), data=proof()),
            ],
            className=f"desk acts {self.name}",
        )

    def _register(self, app: Dash) -> None:
        for act in self.acts:
            app.callback(
                Output(self._id("said"), "children", allow_duplicate=True),
                Output(self._id("content"), "children", allow_duplicate=True),
                Input(_id(act.name, ALL, "send"), "n_clicks"),
                State({"act": act.name, "of": ALL, "part": ALL}, "value"),
                State({"act": act.name, "of": ALL, "part": ALL}, "id"),
                State(self._id("asked"), "data"),
                State(self._id("proof"), "data"),
                prevent_initial_call=True,
            )(self._taking(act))
        if self.chosen:
            app.callback(
                Output(self._id("said"), "children", allow_duplicate=True),
                Output(self._id("content"), "children", allow_duplicate=True),
                Output(self._id("asked"), "data"),
                Output("address", "search", allow_duplicate=True),
                *(Input(self._id(part), "value") for part in self.chosen),
                prevent_initial_call=True,
            )(self._follow)
        self.more(app)

    async def _follow(self, *values: str | None) -> Any:  # noqa: ANN401 - Dash's own type
        blank = {parameter.name: parameter.default for parameter in self.parameters}
        asked = blank | dict(zip(self.chosen, (each or "" for each in values), strict=True))
        return (), list(await self.content(asked)), asked, self.page().write(asked)

    def _taking(self, act: Act) -> Callable[..., Awaitable[Any]]:
        async def take(
            clicks: Sequence[int | None],
            entered: Sequence[Any],
            places: Sequence[Mapping[str, str]],
            asked: Values,
            shown: str,
        ) -> Any:  # noqa: ANN401 - Dash's own type
            if not any(clicks) or not ctx.triggered_id:
                return no_update, no_update  # a form has only appeared
            subject = ctx.triggered_id["of"]
            given = {
                place["part"]: value
                for place, value in zip(places, entered, strict=True)
                if place["of"] == subject and place["part"] != "send"
            }
            outcome = Outcome(verdict=Verdict.OLD_PAGE)
            if is_proven(shown):
                outcome = await act.send(subject, given)
            if outcome.verdict is not Verdict.DONE:
                return verdict_said(outcome), no_update
            told = [verdict_said(outcome), *act.told(outcome)]
            if act.keeps(outcome):
                return told, no_update
            return told, list(await self.content(asked))

        return take

    def _id(self, part: str) -> str:
        return f"{self.name}-{part}"


def offered(act: Act | str, right: str = "") -> bool:
    """Return whether the act is offered to whoever looks."""
    return may(act.right if isinstance(act, Act) else right)


def verdict_said(outcome: Outcome) -> Component:
    """Return what is said of how an act ended."""
    parts: list[Component] = [html.B(spans(say(f"acts.verdict.{outcome.verdict}")))]
    if outcome.place:
        parts.append(html.Span([tell("acts.place"), " ", html.Code(outcome.place)]))
    if outcome.reason:
        parts.append(html.Span(outcome.reason))
    urgent: dict[str, Any] = {} if outcome.verdict is Verdict.DONE else {"role": "alert"}
    return html.P(parts, className=f"notice is-{outcome.verdict}", **urgent)


def told_once(outcome: Outcome, address: str) -> Sequence[Component]:
    """Return the address or the key that is shown this once."""
    return [
        html.P(
            [html.Span(spans(say("acts.once"))), html.Code(address.format(**outcome.value))],
            className="notice once",
        )
    ]


def table(
    name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, label: str = ""
) -> Component:
    """Return a table whose heads are the texts `name.column`, with one row head in each line."""
    heads = [html.Th(tell(f"{name}.{column}"), scope="col") for column in columns]
    lines = [
        html.Tr([html.Th(first, scope="row"), *(html.Td(each) for each in rest)])
        for first, *rest in rows
    ]
    if not lines:
        nothing = say_if_known(f"{name}.empty", tell("acts.empty"))
        return html.P(nothing.text, className="notice calm")
    body = html.Table([html.Thead(html.Tr(heads)), html.Tbody(lines)], className="listed")
    return html.Div(
        body,
        className="wide",
        role="region",
        tabIndex=0,
        **named(label or tell(f"page.{name}")),
    )


def refused(error: object) -> Component:
    """Return what is said where the API gives nothing to show: why, and what to do."""
    match error:
        case ApiRefused():
            said = say("desk.refused", reason=str(error))
        case ApiUnreadable():
            said = say("desk.other_version")
        case FiguresMissing():
            said = say("desk.computing", reason=str(error))
        case _:
            said = say("desk.no_answer")
    return html.P(spans(said), className="notice")


def untold(error: object, period: str) -> Component:
    """Return what is said where a period has no figures: which periods have, for a range."""
    if isinstance(error, PeriodRefused) and is_range(period):
        return html.P(tell("period.calendar_alone"), className="notice calm")
    return refused(error)
