"""The page of offices: units, counters, calendars, procedures, officers and rosters, and edits."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from contract.local_time import LOCAL_TIME
from dashboards.api.acts import Outcome
from dashboards.api.offices import CalendarDay, Counter, PostHeld, Shift
from dashboards.api.rest import RestClient
from dashboards.api.visiting import may
from dashboards.desk.acts import Act, ActsPage, Field, Given, form, refused
from dashboards.desk.grids import FIRST, Column, Row, cell, grid, row, sort_text
from dashboards.desk.labels import named
from dashboards.desk.member_names import member_names
from dashboards.desk.pages import Page, Values, text
from dashboards.look.formats import clock, number, weekday
from dashboards.look.texts import Bilingual, name_of, say_if_known, tell
from runtime.root_path import below_root

NAME = "offices"
TABLES: Mapping[str, tuple[str, str]] = {
    "units": ("read_units", "manage_units"),
    "counters": ("read_units", "manage_units"),
    "calendars": ("read_catalogue", "manage_units"),
    "procedures": ("read_catalogue", "manage_units"),
    "staff": ("read_staff", "write_staff"),
    "assignments": ("read_staff", "write_staff"),
}
"""What is listed here, with the rights to read and to write it."""
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "units": ("id", "parent", "name_vi", "name_en", "kind", "valid_from", "valid_to", "successor",
              "calendar"),
    "counters": ("unit", "id", "name_vi", "name_en", "valid_from", "valid_to"),
    "calendars": ("calendar", "day", "hours", "note"),
    "procedures": ("code", "name_vi", "family", "limit_days", "late_after"),
    "staff": ("code", "name", "unit", "position", "valid_from", "valid_to"),
    "assignments": ("officer", "unit", "counter", "starts_at", "ends_at"),
}  # fmt: skip
"""What is entered of one record: the columns of its table, by their names there."""
_ACTS: Mapping[str, str] = {
    "units": "office_units",
    "counters": "office_counters",
    "calendars": "office_calendars",
    "procedures": "office_procedures",
    "staff": "office_staff",
    "assignments": "office_assignments",
}


class OfficesPage:
    """Lists the books of offices as far as the visitor may read them, and writes one record."""

    def __init__(self, api: RestClient) -> None:
        self._api = api
        self._reads: Mapping[str, Callable[[Values], Awaitable[Any]]] = {
            "units": self._units,
            "counters": self._counters,
            "calendars": self._calendars,
            "procedures": self._procedures,
            "staff": self._staff,
            "assignments": self._assignments,
        }

    def page(self) -> Page:
        """Return the page for the registry."""
        acts = tuple(
            Act(name=_ACTS[each], right=right, send=self._sending(each))
            for each, (_, right) in TABLES.items()
        )
        return ActsPage(
            name=NAME,
            right="read_units",
            parameters=(text("table", "units"), text("find"), text("day")),
            content=self._content,
            acts=acts,
            more=_register,
        ).page()

    def _sending(self, name: str) -> Callable[[str, Given], Awaitable[Outcome]]:
        async def send(_: str, given: Given) -> Outcome:
            record = {
                field: str(value).strip()
                for field, value in given.items()
                if str(value or "").strip()
            }
            return await self._api.act(
                "PUT",
                f"/{name}",
                body={"records": [record]},
                headers={"Idempotency-Key": str(uuid.uuid4())},
            )

        return send

    async def _content(self, values: Values) -> Sequence[Component]:
        shown = [name for name, (right, _) in TABLES.items() if may(right)]
        name = values["table"] if values["table"] in shown else next(iter(shown), "units")
        found = await self._reads[name](values)
        current: dict[str, Any] = {"aria-current": "true"}
        tabs = html.Nav(
            [
                html.A(
                    tell(f"offices.table.{each}"),
                    href=f"{below_root('/offices')}?table={each}",
                    className="here" if each == name else "",
                    **(current if each == name else {}),
                )
                for each in shown
            ],
            className="tabs",
            **named(tell("page.offices")),
        )
        if not isinstance(found, list):
            return [tabs, refused(found)]
        return [
            tabs,
            html.P(tell(f"offices.note.{name}"), className="note"),
            *(self._entering(name) if may(TABLES[name][1]) else []),
            _search(name, values),
            _grid(name, found, values["find"]) if found else _nothing(name),
        ]

    def _entering(self, name: str) -> list[Component]:
        fields = [
            Field(
                name=each,
                label=tell(f"offices.column.{each}"),
                note=say_if_known(f"offices.hint.{each}", "").text,
                most=500,
            )
            for each in _FIELDS[name]
        ]
        imports = f"{below_root('/imports')}?kind={name}"
        return [
            html.Details(
                [
                    html.Summary(tell("offices.enter")),
                    html.P(
                        [
                            tell("offices.enter_note"),
                            " ",
                            html.A(tell("offices.import"), href=imports),
                        ],
                        className="note",
                    ),
                    form(_ACTS[name], "one", fields),
                ],
                className="filing",
            )
        ]

    async def _units(self, _: Values) -> Any:  # noqa: ANN401 - rows, or why there are none
        answer = await self._api.units()
        if answer.value is None:
            return answer.error
        names = {unit.id: name_of(unit).text for unit in answer.value}
        return [
            {
                "id": unit.id,
                "name": name_of(unit).text,
                "kind": say_if_known(f"kind.{unit.kind}", unit.kind).text,
                "parent": names.get(unit.parent or "", unit.parent or ""),
                "calendar": unit.calendar or "",
                "state": tell("offices.accepted" if unit.accepted else "offices.not_accepted"),
            }
            for unit in answer.value
        ]

    async def _counters(self, _: Values) -> Any:  # noqa: ANN401
        answer = await self._api.read("/counters", tuple[Counter, ...])
        if answer.value is None:
            return answer.error
        names = await self._names()
        return [
            {
                "id": each.id,
                "name": Bilingual(vi=each.name_vi, en=each.name_en).text,
                "unit": names.get(each.unit, each.unit),
                **_days(each.valid_from, each.valid_to),
            }
            for each in answer.value
        ]

    async def _calendars(self, values: Values) -> Any:  # noqa: ANN401
        year = values["day"][:4] if values["day"][:4].isdigit() else ""
        answer = await self._api.read(
            f"/calendars?year={year}" if year else "/calendars", tuple[CalendarDay, ...]
        )
        if answer.value is None:
            return answer.error
        return [
            {
                "calendar": each.calendar,
                "day": _written(each.day) if each.day else weekday(each.weekday or 0).text,
                "hours": _hours(each),
                "note": each.note,
                "source": tell(f"offices.source.{each.source}"),
            }
            for each in answer.value
        ]

    async def _procedures(self, _: Values) -> Any:  # noqa: ANN401
        answer = await self._api.read("/procedures", tuple[dict[str, Any], ...])
        if answer.value is None:
            return answer.error
        families = await member_names(self._api, "family")
        return [
            {
                "code": each["code"],
                "name": Bilingual(vi=each["name_vi"], en=each["name_en"]).text,
                "family": families.get(each.get("family") or "", each.get("family") or ""),
                "limit_days": _limit(each.get("limit_days")),
                "late_after": (each.get("late_after") or "")[:5],
            }
            for each in answer.value
        ]

    async def _staff(self, _: Values) -> Any:  # noqa: ANN401
        answer = await self._api.read("/staff", tuple[PostHeld, ...])
        if answer.value is None:
            return answer.error
        names = await self._names()
        return [
            {
                "code": each.code,
                "name": each.name,
                "unit": names.get(each.unit, each.unit),
                "position": each.position,
                **_days(each.valid_from, each.valid_to),
            }
            for each in answer.value
        ]

    async def _assignments(self, values: Values) -> Any:  # noqa: ANN401
        day = read_day(values["day"]).isoformat()
        answer = await self._api.read(f"/assignments?day={day}", tuple[Shift, ...])
        if answer.value is None:
            return answer.error
        names = await self._names()
        return [
            {
                "officer": each.officer,
                "name": each.name,
                "unit": names.get(each.unit, each.unit),
                "counter": each.counter or "",
                "starts_at": f"{_written(_local(each.starts_at))} {clock(each.starts_at)}",
                "ends_at": f"{_written(_local(each.ends_at))} {clock(each.ends_at)}",
            }
            for each in answer.value
        ]

    async def _names(self) -> dict[str, str]:
        return {unit.id: name_of(unit).text for unit in (await self._api.units()).value or ()}


def _register(app: Dash) -> None:
    options = (f"{NAME}-grid", "dashGridOptions")
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("motcua", "findHere"),
        Output(*options),
        Input(f"{NAME}-find", "value"),
        State(*options),
        prevent_initial_call=True,
    )


def _search(name: str, values: Values) -> Component:
    """Return the search field, and for what is of a day or year the links to those beside it."""
    day = values["day"] or today().isoformat()
    found: list[Component] = [
        html.Label(
            [
                html.Span(tell("offices.find"), className="name"),
                dcc.Input(id=f"{NAME}-find", value=values["find"], type="search"),
            ]
        )
    ]
    if name == "calendars":
        year = int(day[:4]) if day[:4].isdigit() else today().year
        found += [_beside(name, str(each)) for each in (year - 1, year, year + 1)]
    if name == "assignments":
        shown = read_day(day)
        found += [_beside(name, (shown + timedelta(days=days)).isoformat()) for days in (-1, 0, 1)]
    return html.Div(found, className="searched")


def _beside(name: str, day: str) -> Component:
    said = day if len(day) == len("2026") else _written(date.fromisoformat(day))
    return html.A(said, href=f"{below_root('/offices')}?table={name}&day={day}")


def today() -> date:
    """Return the local day."""
    return datetime.now(UTC).astimezone(LOCAL_TIME).date()


def read_day(written: str) -> date:
    """Return a day of an address, today for what says none."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        return today()


def _nothing(name: str) -> Component:
    return html.P(tell(f"offices.none.{name}"), className="notice calm")


def _grid(name: str, records: Sequence[Mapping[str, str]], find: str) -> Component:
    """Return the grid; the first column leads, and is found with every other one."""
    heads = list(records[0])
    columns = [
        Column(
            id=_place(place, each),
            name=Bilingual(vi=tell(f"offices.column.{each}"), en=tell(f"offices.column.{each}")),
            width_px=220 if each in ("name", "unit", "parent", "note") else 150,
        )
        for place, each in enumerate(heads)
    ]
    return grid(
        f"{NAME}-grid",
        columns,
        [_row(number, heads, record) for number, record in enumerate(records)],
        order=() if name == "calendars" else (FIRST,),
        conditions={},
        find=find,
    )


def _row(number: int, heads: Sequence[str], record: Mapping[str, str]) -> Row:
    cells = {
        _place(place, each): cell(record[each], sort=sort_text(record[each]))
        for place, each in enumerate(heads)
    }
    return row(str(number), " ".join(record.values()), cells)


def _place(place: int, head: str) -> str:
    """Return the id of a column: the leading one is the grid's first, whatever it is called."""
    if place == 0:
        return FIRST
    return f"of_{head}" if head == FIRST else head


def _days(first: date | None, until: date | None) -> dict[str, str]:
    return {
        "valid_from": "" if first is None else _written(first),
        "valid_to": "" if until is None else _written(until),
    }


def _limit(days: float | None) -> str:
    if days is None:
        return ""
    return number(days, 0 if days == int(days) else 1)


def _written(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _local(at: datetime) -> date:
    return at.astimezone(LOCAL_TIME).date()


def _hours(told: CalendarDay) -> str:
    if told.source == "country":
        return tell("offices.worked" if told.hours else "offices.off")
    return told.hours or tell("offices.off")
