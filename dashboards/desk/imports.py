"""The page of sources and imports: a file is tried, its report read, then it is kept."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from dash import ALL, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from contract.texts import Language
from dashboards.api.acts import Outcome, Verdict, is_proven, proof
from dashboards.api.rest import RestClient
from dashboards.api.visiting import may
from dashboards.desk.acts import refused, table, verdict_said
from dashboards.desk.choices import dropdown
from dashboards.desk.labels import named
from dashboards.desk.navigation import header
from dashboards.desk.pages import Page, Values, text
from dashboards.look.formats import date_time, number
from dashboards.look.texts import spoken, tell

NAME = "imports"
KINDS: Mapping[str, str] = {
    "staff": "write_staff",
    "assignments": "write_staff",
    "dossiers": "write_dossiers",
    "complaints": "write_complaints",
    "units": "manage_units",
    "counters": "manage_units",
    "calendars": "manage_units",
    "procedures": "manage_units",
}
"""What can be imported here, with the right that it needs."""
_WAYS = ("all_or_nothing", "keep_going")
LARGEST_BYTES = 20_000_000
_MOST_CORRECTED = 100_000
"""Letters of rejected rows that are corrected on the page; more are a matter for a spreadsheet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A system that is read: how far, and what went wrong last."""

    id: str
    records: int
    refused: int
    last_run_at: datetime | None = None
    last_success_at: datetime | None = None
    problem: str | None = None


class ImportsPage:
    """Sends files as whoever is signed in, and shows how the sources of records are."""

    def __init__(self, api: RestClient) -> None:
        self._api = api

    def page(self) -> Page:
        """Return the page for the registry."""
        return Page(
            name=NAME,
            parameters=(text("kind", "dossiers"),),
            layout=self._layout,
            register=self._register,
            right="read_sources",
        )

    async def _layout(self, values: Values) -> Component:
        offered = [kind for kind, right in KINDS.items() if may(right)]
        return html.Main(
            [
                header(NAME),
                html.H1(tell("imports.title")),
                *(_upload(offered, values["kind"]) if offered else [_not_offered()]),
                html.H2(tell("imports.sources")),
                await self._sources(),
                dcc.Store(id=f"{NAME}-proof", data=proof()),
                dcc.Store(id=f"{NAME}-corrected"),
            ],
            className=f"desk {NAME}",
        )

    def _register(self, app: Dash) -> None:
        file = [State(f"{NAME}-file", "contents"), State(f"{NAME}-file", "filename")]
        sent = [
            State(f"{NAME}-kind", "value"),
            State(f"{NAME}-going", "value"),
            State(f"{NAME}-proof", "data"),
        ]
        app.callback(
            Output(f"{NAME}-report", "children"),
            Output(f"{NAME}-commit", "disabled"),
            Output(f"{NAME}-corrected", "data"),
            Input(f"{NAME}-file", "contents"),
            Input(f"{NAME}-kind", "value"),
            State(f"{NAME}-file", "filename"),
            *sent[1:],
            prevent_initial_call=True,
        )(self._try)
        app.callback(
            Output(f"{NAME}-report", "children", allow_duplicate=True),
            Output(f"{NAME}-commit", "disabled", allow_duplicate=True),
            Output(f"{NAME}-corrected", "data", allow_duplicate=True),
            Input({"part": f"{NAME}-retry", "of": ALL}, "n_clicks"),
            State({"part": f"{NAME}-rows", "of": ALL}, "value"),
            State(f"{NAME}-file", "filename"),
            *sent,
            prevent_initial_call=True,
        )(self._retry)
        app.callback(
            Output(f"{NAME}-report", "children", allow_duplicate=True),
            Output(f"{NAME}-commit", "disabled", allow_duplicate=True),
            Output(f"{NAME}-corrected", "data", allow_duplicate=True),
            Input(f"{NAME}-commit", "n_clicks"),
            *file,
            State(f"{NAME}-corrected", "data"),
            *sent,
            prevent_initial_call=True,
        )(self._keep)

    async def _retry(
        self,
        clicks: Sequence[int | None],
        rows: Sequence[str | None],
        name: str | None,
        kind: str,
        going: str,
        shown: str,
    ) -> Any:  # noqa: ANN401 - Dash's own type
        """Try the corrected rows as a file of their own; only a file that is well can be kept."""
        if not any(clicks) or not rows or not rows[0]:
            return no_update, no_update, no_update
        file = f"{(name or kind).rpartition('.')[0] or kind}.corrected.csv"
        contents = "data:text/csv;base64," + base64.b64encode(rows[0].encode()).decode()
        outcome = await self._send(contents, file, kind, shown, dry_run=True, going=going)
        stored = int(outcome.value.get("stored", 0)) if outcome.verdict is Verdict.DONE else 0
        return _report(outcome, file), stored == 0, {"contents": contents, "name": file}

    async def _try(
        self, contents: str | None, kind: str, name: str | None, going: str, shown: str
    ) -> Any:  # noqa: ANN401 - Dash's own type
        if not contents or not name:
            return no_update, no_update, None
        outcome = await self._send(contents, name, kind, shown, dry_run=True, going=going)
        stored = int(outcome.value.get("stored", 0)) if outcome.verdict is Verdict.DONE else 0
        return _report(outcome, name), stored == 0, None

    async def _keep(
        self,
        clicks: int | None,
        contents: str | None,
        name: str | None,
        corrected: Mapping[str, str] | None,
        kind: str,
        going: str,
        shown: str,
    ) -> Any:  # noqa: ANN401 - Dash's own type
        if corrected:
            contents, name = corrected["contents"], corrected["name"]
        if not clicks or not contents or not name:
            return no_update, no_update, no_update
        outcome = await self._send(contents, name, kind, shown, dry_run=False, going=going)
        return _report(outcome, name), outcome.verdict is Verdict.DONE, no_update

    async def _send(
        self, contents: str, name: str, kind: str, shown: str, *, dry_run: bool, going: str
    ) -> Outcome:
        if not is_proven(shown):
            return Outcome(verdict=Verdict.OLD_PAGE)
        try:
            file = base64.b64decode(contents.partition(",")[2], validate=True)
        except binascii.Error:
            return Outcome(verdict=Verdict.REFUSED)
        flags = {"dry_run": str(dry_run).lower(), "keep_going": str(going == _WAYS[1]).lower()}
        query = urlencode({"file": name[-200:], **flags})
        return await self._api.act("POST", f"/imports/{kind}?{query}", file=file)

    async def _sources(self) -> Component:
        answer = await self._api.read("/sources", tuple[Source, ...])
        if answer.value is None:
            return refused(answer.error)
        rows = [
            (
                each.id,
                "–" if each.last_success_at is None else date_time(each.last_success_at),
                "–" if each.last_run_at is None else date_time(each.last_run_at),
                number(each.records),
                number(each.refused),
                tell("imports.source_well") if each.problem is None else each.problem,
            )
            for each in answer.value
        ]
        columns = ("source", "success", "run", "records", "refused", "state")
        return table("imports", columns, rows, label=tell("imports.sources"))


def _upload(offered: Sequence[str], kind: str) -> list[Component]:
    chosen = kind if kind in offered else offered[0]
    options = [{"label": tell(f"imports.kind.{each}"), "value": each} for each in offered]
    return [
        html.Div(
            [
                html.Label(
                    [
                        html.Span(tell("imports.what"), className="name"),
                        dropdown(f"{NAME}-kind", options, chosen),
                    ]
                ),
                dcc.Upload(
                    html.Div([html.B(tell("imports.drag")), html.Span(tell("imports.formats"))]),
                    id=f"{NAME}-file",
                    max_size=LARGEST_BYTES,
                    className="drop",
                    className_active="drop over",
                    className_reject="drop over",
                ),
                _going(),
                dcc.Loading(html.Div(id=f"{NAME}-report", className="report", role="status")),
                html.Button(
                    tell("imports.commit"),
                    id=f"{NAME}-commit",
                    disabled=True,
                    type="button",
                    className="act",
                ),
            ],
            className="form",
            role="group",
            **named(tell("imports.title")),
        ),
        html.P(tell("imports.others"), className="note"),
    ]


def _going() -> Component:
    options = [{"label": tell(f"imports.{each}"), "value": each} for each in _WAYS]
    return html.Label(
        [
            html.Span(tell("imports.wrong_rows"), className="name"),
            dropdown(f"{NAME}-going", options, _WAYS[0]),
        ]
    )


def _not_offered() -> Component:
    return html.P(tell("imports.may_not"), className="notice calm")


def _rejected(rows: str, name: str) -> Component:
    """Return the link to the rejected rows with their reasons, to be corrected and sent again."""
    link = html.A(
        tell("imports.rejected_rows"),
        href=f"data:text/csv;charset=utf-8,{quote(chr(0xFEFF) + rows)}",
        download=f"{name.rpartition('.')[0] or name}.rejected.csv",
    )
    return html.P(link)


def _correcting(rows: str) -> Component:
    """Return the rejected rows to be corrected on the page, and tried again by themselves."""
    return html.Details(
        [
            html.Summary(tell("imports.correct")),
            html.P(tell("imports.correct_note"), className="note"),
            html.Label(
                [
                    html.Span(tell("imports.rows"), className="name"),
                    dcc.Textarea(
                        id={"part": f"{NAME}-rows", "of": "rejected"},
                        value=rows,
                        rows=min(12, rows.count("\n") + 2),
                        className="rows",
                    ),
                ]
            ),
            html.Button(
                tell("imports.retry"),
                id={"part": f"{NAME}-retry", "of": "rejected"},
                type="button",
                className="act",
            ),
        ],
        className="folded",
    )


def _report(outcome: Outcome, name: str) -> list[Component]:
    """Return what became of a file: the counts, then every fault with its line and its remedy."""
    value = outcome.value
    if "stored" not in value:
        return [verdict_said(outcome)]
    key = "tried" if value["dry_run"] else "kept" if value["committed"] else "not_kept"
    said = tell(
        f"imports.{key}",
        file=name,
        stored=number(value["stored"]),
        rejected=number(value["rejected"]),
    )
    good = not value["rejected"]
    parts: list[Component] = [html.P(said, className=f"notice {'is-done' if good else ''}")]
    parts += [html.P(notice, className="note") for notice in value.get("notices", ())]
    english = spoken() is Language.EN
    rows = [
        (
            number(fault["line"]),
            fault["column"] or "–",
            fault["value"] or "–",
            fault["reason_en" if english else "reason_vi"],
            fault["remedy_en" if english else "remedy_vi"],
        )
        for fault in value.get("faults", ())
    ]
    if rows:
        columns = ("line", "column", "value", "reason", "remedy")
        parts.append(table("imports.fault", columns, rows, label=tell("imports.faults")))
    if value.get("rejected_rows"):
        parts.append(_rejected(value["rejected_rows"], name))
        if len(value["rejected_rows"]) <= _MOST_CORRECTED:
            parts.append(_correcting(value["rejected_rows"]))
    return parts
