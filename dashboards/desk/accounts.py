"""The pages of accounts, keys and screens, for administrators, and of one's own sign-ins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote

from dash import html
from dash.development.base_component import Component

from contract.readings import Unit
from dashboards.api.accounts import Account, Key, RoleHeld, Screen, SignIn
from dashboards.api.acts import Outcome
from dashboards.api.rest import Answer, RestClient
from dashboards.api.visiting import may, visitor
from dashboards.desk.acts import (
    Act,
    ActsPage,
    Field,
    Given,
    folded,
    form,
    refused,
    table,
    told_once,
)
from dashboards.desk.grids import sort_text
from dashboards.desk.pages import Page, Values, text
from dashboards.desk.paging import paged
from dashboards.look.formats import date_time
from dashboards.look.texts import name_of, say_if_known, tell
from runtime.root_path import below_root

_WRITE = "write_accounts"
_PROVINCE = "province"
ROLES = (
    "province_leader",
    "department_head",
    "unit_head",
    "officer",
    "appraiser",
    "installer",
    "operator",
    "auditor",
    "administrator",
)
KEY_RIGHTS = (
    "read_catalogue",
    "read_devices",
    "read_figures",
    "read_quarantine",
    "read_sources",
    "read_units",
    "write_complaints",
    "write_dossiers",
    "write_staff",
)
"""What a program's key may be given."""
_KEYS = ("name", "rights", "unit", "used", "state")
SCENES = ("now", "map", "help", "dossiers", "best", "unit", "fleet")


class Accounts:
    """Reads and changes accounts, keys and screens as whoever looks."""

    def __init__(self, api: RestClient) -> None:
        self._api = api

    def page(self) -> Page:
        """Return the page for the registry."""
        link = partial(told_once, address=f"{below_root('/links/')}{{token}}")
        key = partial(told_once, address="{token}")
        screen = partial(told_once, address=f"{below_root('/screens/')}{{token}}")
        acts = (
            Act(name="account_add", right=_WRITE, send=self._add_account, told=link),
            Act(name="account_reset", right=_WRITE, send=self._reset, told=link),
            Act(name="account_disable", right=_WRITE, send=self._removing("accounts")),
            Act(name="key_add", right=_WRITE, send=self._add_key, told=key),
            Act(name="key_revoke", right=_WRITE, send=self._removing("keys")),
            Act(name="screen_add", right=_WRITE, send=self._add_screen, told=screen),
            Act(name="screen_revoke", right=_WRITE, send=self._removing("screens")),
        )
        return ActsPage(
            name="accounts",
            right="read_accounts",
            parameters=tuple(text(f"{part}_page") for part in ("accounts", "keys", "screens")),
            content=self._content,
            acts=acts,
        ).page()

    async def _add_account(self, _: str, given: Given) -> Outcome:
        body = {
            "name": given["name"] or "",
            "full_name": given["full_name"] or "",
            "officer": given["officer"] or None,
            "roles": [{"role": role, "unit": _unit(given)} for role in given["roles"] or ()],
        }
        return await self._api.act("POST", "/accounts", body=body)

    async def _reset(self, name: str, _: Given) -> Outcome:
        return await self._api.act("POST", f"/accounts/{quote(name, safe='')}/link")

    async def _add_key(self, _: str, given: Given) -> Outcome:
        body = {
            "name": given["name"] or "",
            "rights": given["rights"] or [],
            "unit": _unit(given),
        }
        return await self._api.act("POST", "/keys", body=body)

    async def _add_screen(self, _: str, given: Given) -> Outcome:
        body = {
            "name": given["name"] or "",
            "unit": _unit(given),
            "scenes": given["scenes"] or None,
        }
        return await self._api.act("POST", "/screens", body=body)

    def _removing(self, kind: str) -> Any:  # noqa: ANN401 - a function that sends
        async def remove(name: str, _: Given) -> Outcome:
            return await self._api.act("DELETE", f"/{kind}/{quote(name, safe='')}")

        return remove

    async def _content(self, values: Values) -> Sequence[Component]:
        units = (await self._api.units()).value or ()
        names = {unit.id: name_of(unit).text for unit in units}
        choices = [(_PROVINCE, tell("place.province")), *_units(units)]
        accounts = await self._api.read("/accounts", tuple[Account, ...])
        keys = await self._api.read("/keys", tuple[Key, ...])
        screens = await self._api.read("/screens", tuple[Screen, ...])
        writes = may(_WRITE)
        return [
            *_part("accounts", accounts, _account_columns(), partial(_account, names), values),
            *([_new("account_add", _account_fields(choices))] if writes else []),
            *_part("keys", keys, _KEYS, partial(_key, names), values),
            *([_new("key_add", _key_fields(choices))] if writes else []),
            *_part(
                "screens",
                screens,
                ("name", "unit", "scenes", "used", "state"),
                partial(_screen, names),
                values,
            ),
            *([_new("screen_add", _screen_fields(choices))] if writes else []),
        ]


def sessions_page(api: RestClient) -> Page:
    """Return the page on which people see and end their own sign-ins."""

    async def end(id_: str, _: Given) -> Outcome:
        return await api.act("DELETE", f"/sign-ins/{id_}")

    async def content(_: Values) -> Sequence[Component]:
        who = visitor()
        if who is not None and who.kind == "trial":
            return [html.P(tell("sessions.trial"), className="notice calm")]
        answer = await api.read("/sign-ins", tuple[SignIn, ...])
        if answer.value is None:
            return [refused(answer.error)]
        rows = [
            (
                each.agent or each.address,
                each.address,
                date_time(each.began_at),
                date_time(each.used_at),
                folded("session_end", each.id),
            )
            for each in answer.value
        ]
        columns = ("agent", "address", "began", "used", "state")
        return [html.H1(tell("page.sessions")), table("sessions", columns, rows)]

    return ActsPage(
        name="sessions",
        right="read_own_account",
        parameters=(),
        content=content,
        acts=(Act(name="session_end", right="write_own_account", send=end),),
    ).page()


def _unit(given: Given) -> str | None:
    return None if given["unit"] in (None, "", _PROVINCE) else str(given["unit"])


def _units(units: Sequence[Unit]) -> list[tuple[str, str]]:
    ordered = sorted(units, key=lambda unit: sort_text(name_of(unit).text))
    return [(unit.id, name_of(unit).text) for unit in ordered]


def _part(
    name: str,
    answer: Answer[Any],
    columns: Sequence[str],
    row: Any,  # noqa: ANN401 - a function of one of the answer's values
    values: Values,
) -> list[Component]:
    title = html.H2(tell(f"accounts.{name}"))
    if answer.value is None:
        return [title, refused(answer.error)]
    shown, links = paged(answer.value, values, f"{name}_page")
    rows = [row(each) for each in shown]
    label = tell(f"accounts.{name}")
    return [title, table("accounts.column", columns, rows, label=label), *links]


def _new(act: str, fields: Sequence[Field]) -> Component:
    return html.Details(
        [html.Summary(tell(f"acts.{act}")), form(act, "", fields)], className="filing"
    )


def _account_columns() -> tuple[str, ...]:
    return ("name", "full_name", "roles", "sign_in", "used", "state")


def _account(names: Mapping[str, str], found: Account) -> Sequence[object]:
    ways = [
        tell(f"accounts.way.{way}")
        for way, has in (
            ("password", found.has_password),
            ("second_factor", found.second_factor),
            ("single_sign_on", found.single_sign_on),
        )
        if has
    ]
    state: object = tell("accounts.disabled")
    if found.disabled_at is None and may(_WRITE):
        state = [folded("account_reset", found.name), folded("account_disable", found.name)]
    elif found.disabled_at is None:
        state = tell("accounts.good")
    return (
        found.name,
        found.full_name + (f" · {found.officer}" if found.officer else ""),
        html.Ul([html.Li(_role(names, held)) for held in found.roles]),
        ", ".join(ways) or "–",
        _time(found.used_at),
        state,
    )


def _role(names: Mapping[str, str], held: RoleHeld) -> str:
    role = say_if_known(f"role.{held.role}", held.role).text
    place = tell("place.province") if held.unit is None else names.get(held.unit, held.unit)
    return f"{role} · {place}"


def _key(names: Mapping[str, str], found: Key) -> Sequence[object]:
    rights = [say_if_known(f"right.{right}", right).text for right in found.rights]
    return (
        found.name,
        html.Ul([html.Li(each) for each in rights]),
        _place(names, found.unit),
        _time(found.used_at),
        _revocable("key_revoke", found.name, found.revoked_at),
    )


def _screen(names: Mapping[str, str], found: Screen) -> Sequence[object]:
    scenes = [say_if_known(f"scene.{name}", name).text for name in found.scenes or ()]
    return (
        found.name,
        _place(names, found.unit),
        ", ".join(scenes) or tell("accounts.all_scenes"),
        _time(found.used_at),
        _revocable("screen_revoke", found.name, found.revoked_at),
    )


def _revocable(act: str, name: str, revoked_at: datetime | None) -> object:
    if revoked_at is not None:
        return tell("accounts.revoked", at=date_time(revoked_at))
    return folded(act, name) if may(_WRITE) else tell("accounts.good")


def _place(names: Mapping[str, str], unit: str | None) -> str:
    return tell("place.province") if unit is None else names.get(unit, unit)


def _time(at: datetime | None) -> str:
    return tell("accounts.never") if at is None else date_time(at)


def _field(name: str, **rest: Any) -> Field:  # noqa: ANN401 - a field's own
    return Field(name=name, label=tell(f"accounts.field.{name}"), **rest)


def _account_fields(units: Sequence[tuple[str, str]]) -> Sequence[Field]:
    roles = [(role, tell(f"role.{role}")) for role in ROLES]
    return (
        _field("name", most=63, note=tell("accounts.name_note")),
        _field("full_name"),
        _field("officer", most=63),
        _field("roles", choices=roles, many=True, value=[]),
        _field("unit", choices=units, value=_PROVINCE),
    )


def _key_fields(units: Sequence[tuple[str, str]]) -> Sequence[Field]:
    rights = [(right, tell(f"right.{right}")) for right in KEY_RIGHTS]
    return (
        _field("name", most=63, note=tell("accounts.name_note")),
        _field("rights", choices=rights, many=True, value=[]),
        _field("unit", choices=units, value=_PROVINCE),
    )


def _screen_fields(units: Sequence[tuple[str, str]]) -> Sequence[Field]:
    scenes = [(name, say_if_known(f"scene.{name}", name).text) for name in SCENES]
    return (
        _field("name", most=63, note=tell("accounts.name_note")),
        _field("unit", choices=units, value=_PROVINCE),
        _field("scenes", choices=scenes, many=True, value=[]),
    )
