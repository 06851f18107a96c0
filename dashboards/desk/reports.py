"""The page of reports and files: those that are made or ready, new ones, and what is mailed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from dash import Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from contract.texts import Language
from dashboards.api.acts import Outcome
from dashboards.api.asking import asked_by, asking
from dashboards.api.offices import Brief, FileAsked, ReportAsked, ReportMail
from dashboards.api.rest import RestClient
from dashboards.api.visiting import may, visitor
from dashboards.desk.acts import Act, ActsPage, Field, Given, folded, form, refused, table
from dashboards.desk.choices import period_options, unit_options
from dashboards.desk.files import address_of
from dashboards.desk.labels import named
from dashboards.desk.pages import Values, text
from dashboards.desk.period_choices import kind_of, last_month, named_period
from dashboards.look.formats import date_time, number, share
from dashboards.look.texts import Bilingual, name_of, say_if_known, spoken, tell

NAME = "reports"
REFRESH_S = 4
_PROVINCE = "province"
_STATUTORY = "dossier-handling"
_TAKES: Mapping[str, tuple[str, ...]] = {
    "rankings": ("scope",),
    "unit": ("unit", "scheme"),
    "officer": ("unit", "officer", "scheme"),
    "appraisal": ("unit", "scheme"),
    "monthly": ("scope", "scheme"),
    "statutory": ("scope", "template"),
}
"""The kinds of report with what each may be narrowed to, as the API takes it."""
_FORMATS = ("pdf", "xlsx", "csv", "json")
_DATASETS = ("figures", "hours")
_FILE_FORMATS = ("csv", "parquet")
_STEPS = ("day", "week", "month")


class Reports:
    """Orders reports and files as whoever is signed in, and follows how far they are."""

    def __init__(self, api: RestClient) -> None:
        self._api = api

    def page(self) -> ActsPage:
        """Return the page with its acts."""
        return ActsPage(
            name=NAME,
            right="read_figures",
            parameters=(
                text("kind", "rankings"),
                text("period"),
                text("unit"),
                text("scope"),
                text("format", "pdf"),
            ),
            content=self._content,
            acts=(
                Act(name="report_order", right="read_figures", send=self._order),
                Act(name="file_order", right="read_figures", send=self._order_file),
                Act(name="brief_subscribe", right="read_figures", send=self._subscribe),
                Act(name="brief_end", right="read_figures", send=self._end),
            ),
            more=self._register,
        )

    def _register(self, app: Dash) -> None:
        app.callback(
            Output(f"{NAME}-listed", "children"),
            Input(f"{NAME}-refresh", "n_intervals"),
            prevent_initial_call=True,
        )(self._again)

    async def _again(self, _: int) -> list[Component]:
        with asked_by(replace(asking(), automatic=True)):
            return await self._listed()

    async def _order(self, _: str, given: Given) -> Outcome:
        kind = str(given["kind"])
        unit = str(given["unit"] or "")
        narrowed = {
            "unit": "" if unit == _PROVINCE else unit,
            "scope": unit if unit in ("", _PROVINCE) else f"subtree:{unit}",
            "officer": str(given.get("officer") or "").strip().upper(),
            "scheme": str(given.get("scheme") or ""),
            "template": _STATUTORY,
        }
        body = {name: narrowed[name] for name in _TAKES[kind] if narrowed[name]}
        plain = {name: str(given[name]) for name in ("period", "format", "language")}
        return await self._api.act("POST", "/reports", body={"kind": kind, **plain, **body})

    async def _order_file(self, _: str, given: Given) -> Outcome:
        unit = str(given["unit"] or _PROVINCE)
        body = {name: str(given[name]) for name in ("dataset", "format", "period", "step")}
        scope = _PROVINCE if unit == _PROVINCE else f"subtree:{unit}"
        return await self._api.act(
            "POST", "/exports", body={**body, "scope": scope, "language": str(spoken())}
        )

    async def _subscribe(self, _: str, given: Given) -> Outcome:
        unit = str(given["unit"] or _PROVINCE)
        scope = _PROVINCE if unit == _PROVINCE else f"subtree:{unit}"
        body = {"address": str(given["address"]).strip(), "language": str(given["language"])}
        return await self._api.act("PUT", "/me/briefs", body={**body, "scope": scope})

    async def _end(self, _: str, __: Given) -> Outcome:
        return await self._api.act("DELETE", "/me/briefs")

    async def _brief(self) -> list[Component]:
        """Return one's own subscriptions of the daily brief, and the form that asks for one."""
        found = await self._api.read("/me/briefs", tuple[Brief, ...])
        places = await self._places()
        names = dict(places)
        listed = [
            html.P(
                tell(
                    "reports.brief_sent",
                    address=each.address,
                    place=names.get(each.scope.rpartition(":")[2], each.scope),
                ),
                className="notice calm",
            )
            for each in found.value or ()
        ]
        fields = [
            Field(name="address", label=tell("reports.field.address"), most=254),
            _one("unit", places, places[0][0] if places else ""),
            _one("language", [(str(each), tell(f"reports.in.{each}")) for each in Language],
                 str(spoken())),
        ]  # fmt: skip
        return [
            html.H2(tell("reports.brief")),
            html.P(tell("reports.brief_note"), className="note"),
            *listed,
            html.Details(
                [
                    html.Summary(tell("acts.brief_subscribe")),
                    form("brief_subscribe", "own", fields),
                ],
                className="filing",
            ),
            *([folded("brief_end", "own")] if listed else []),
        ]

    async def _content(self, values: Values) -> Sequence[Component]:
        return [
            html.H1(tell("reports.title")),
            html.P(tell("reports.kept"), className="note"),
            html.Div(await self._listed(), id=f"{NAME}-listed"),
            dcc.Interval(id=f"{NAME}-refresh", interval=REFRESH_S * 1000),
            html.H2(tell("reports.order")),
            form("report_order", "new", await self._fields(values)),
            html.Details(
                [
                    html.Summary(tell("reports.files")),
                    html.P(tell("reports.files_note"), className="note"),
                    form("file_order", "new", await self._file_fields(values)),
                ],
                className="filing",
            ),
            *await self._brief(),
            *await self._mails(),
        ]

    async def _places(self) -> list[tuple[str, str]]:
        units = unit_options((await self._api.units()).value or ())
        found = visitor()
        scopes = () if found is None else found.rights.get("read_figures", ())
        whole = [(_PROVINCE, tell("place.province"))] if not scopes or _PROVINCE in scopes else []
        return whole + [(each["value"], each["label"]) for each in units]

    async def _fields(self, values: Values) -> list[Field]:
        places = await self._places()
        schemes = {
            each.id: Bilingual(vi=each.name.vi, en=each.name.en).text
            for each in (await self._api.schemes()).value or ()
            if not each.to_be_filled_in
        }
        kinds = [
            (kind, tell(f"reports.kind.{kind}"))
            for kind in _TAKES
            if kind != "officer" or may("read_officers")
        ]
        asked = values["unit"] or values["scope"].partition(":")[2]
        first = asked or (places[0][0] if places else "")
        officers = [Field(name="officer", label=tell("reports.officer"))]
        return [
            _one("kind", kinds, values["kind"] if values["kind"] in _TAKES else "rankings"),
            _one("period", _periods(), values["period"] or last_month(datetime.now(UTC))),
            _one("unit", places, first),
            _one("scheme", [("", tell("reports.no_scheme")), *schemes.items()], ""),
            *(officers if may("read_officers") else []),
            _one("format", [(each, each.upper()) for each in _FORMATS], values["format"]),
            _one("language", [(str(each), tell(f"reports.in.{each}")) for each in Language],
                 str(spoken())),
        ]  # fmt: skip

    async def _file_fields(self, values: Values) -> list[Field]:
        places = await self._places()
        return [
            _one("dataset", [(each, tell(f"reports.dataset.{each}")) for each in _DATASETS],
                 _DATASETS[0]),
            _one("period", _periods(), values["period"] or last_month(datetime.now(UTC))),
            _one("unit", places, places[0][0] if places else ""),
            _one("step", [(each, tell(f"reports.step.{each}")) for each in _STEPS], _STEPS[-1]),
            _one("format", [(each, tell(f"reports.format.{each}")) for each in _FILE_FORMATS],
                 _FILE_FORMATS[0]),
        ]  # fmt: skip

    async def _listed(self) -> list[Component]:
        reports = await self._api.read("/reports", tuple[ReportAsked, ...])
        files = await self._api.read("/exports", tuple[FileAsked, ...])
        if reports.value is None and files.value is None:
            return [refused(reports.error or files.error)]
        names = {unit.id: name_of(unit).text for unit in (await self._api.units()).value or ()}
        rows = [(each.asked_at, _report_row(each, names)) for each in reports.value or ()]
        rows += [(each.asked_at, _file_row(each, names)) for each in files.value or ()]
        rows.sort(key=lambda each: each[0], reverse=True)
        if not rows:
            return [html.P(tell("reports.none"), className="notice calm")]
        columns = ("what", "period", "place", "format", "asked", "state")
        return [
            table("reports.column", columns, [row for _, row in rows], label=tell("page.reports"))
        ]

    async def _mails(self) -> list[Component]:
        if not may("read_webhooks"):
            return []
        answer = await self._api.read("/reports/mails", tuple[ReportMail, ...])
        rows = [_mail_row(each) for each in answer.value or ()]
        found: Component = html.P(tell("reports.no_mails"), className="notice calm")
        if answer.value is None:
            found = refused(answer.error)
        elif rows:
            columns = ("period", "address", "state", "when")
            found = table("reports.mail", columns, rows, label=tell("reports.mails"))
        return [html.H2(tell("reports.mails")), found]


def _one(name: str, choices: Sequence[tuple[str, str]], value: str) -> Field:
    return Field(name=name, label=tell(f"reports.field.{name}"), value=value, choices=choices)


def _periods() -> list[tuple[str, str]]:
    return [
        (each["value"], each["label"])
        for each in period_options()
        if kind_of(each["value"]) != "day"
    ]


def _report_row(asked: ReportAsked, names: Mapping[str, str]) -> tuple[Any, ...]:
    what = say_if_known(f"reports.kind.{asked.kind}", asked.kind).text
    told = [each for each in (asked.officer, asked.scheme, asked.template) if each]
    unit = asked.unit or (asked.scope or "").partition(":")[2]
    return (
        " · ".join([what, *told]),
        named_period(asked.period),
        _place(unit, names),
        f"{asked.format.upper()} · {asked.language}",
        f"{date_time(asked.asked_at)} · {asked.asked_by}",
        _state(asked.state, asked.progress, asked.problem, address_of("reports", asked.id),
               asked.bytes),
    )  # fmt: skip


def _file_row(asked: FileAsked, names: Mapping[str, str]) -> tuple[Any, ...]:
    state = "waiting" if asked.begun_at is None else "making"
    if asked.finished_at is not None:
        state = "ready" if asked.problem is None else "failed"
    return (
        tell(f"reports.dataset.{asked.dataset}"),
        named_period(asked.period),
        _place(asked.scope.partition(":")[2], names),
        asked.format,
        f"{date_time(asked.asked_at)} · {asked.asked_by}",
        _state(state, None, asked.problem, address_of("exports", asked.id), asked.bytes),
    )


def _place(unit: str, names: Mapping[str, str]) -> str:
    return names.get(unit, unit) if unit else tell("place.province")


def _state(
    state: str, progress: float | None, problem: str | None, address: str, size: int | None
) -> Component:
    """Return how far it is: a link once it is ready, a bar until then, or why it failed."""
    said = tell(f"reports.state.{state}")
    if state == "ready":
        kilobytes = tell("reports.kilobytes", size=number(max(1, round((size or 0) / 1000))))
        return html.A(f"{tell('reports.fetch')} ({kilobytes})", href=address, download="")
    if state == "failed":
        told = f": {problem}" if problem else ""
        return html.Span(f"{said}{told}", className="problem")
    if progress is None:
        return html.Span(said)
    bar = html.Progress(value=str(progress), max="1", **named(said))
    return html.Span([bar, f" {said} {share(progress)}"])


def _mail_row(mail: ReportMail) -> tuple[Any, ...]:
    when = mail.sent_at or mail.next_at
    said = say_if_known(f"reports.mail_state.{mail.state}", mail.state).text
    return named_period(mail.period), mail.address, said, "–" if when is None else date_time(when)
