"""Below the API: the role that it reads with sees of officers what the one who asks may see."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import psycopg
import pytest
from psycopg import AsyncConnection

from server.access.accounts import RoleHeld
from server.access.roles import Role
from server.access.sessions import ReadSession
from server.db.connection import session_conninfo
from server.db.pool import Database, PoolSettings
from server.db.viewers import ITSELF, NOBODY, Viewer
from tests.coroutines import run
from tests.server import build
from tests.server.access.office import (
    BELOW,
    FOREIGN,
    OWN,
    Desk,
    at_desk,
    settle,
    sign_in,
    sign_in_everybody,
)
from tests.server.asking import store
from tests.server.pools import PATIENT

pytestmark = pytest.mark.integration

T = TypeVar("T")

NINE = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)
WHO = {OWN: "CB-OWN", BELOW: "CB-BELOW", FOREIGN: "CB-FOREIGN"}
DAY = "period=2026-10-05"


@pytest.fixture
def staffed(database_url: str) -> str:
    """One officer in each of three units, with a post, a shift, and a rating in it."""
    settle(database_url)
    with psycopg.connect(session_conninfo(database_url), autocommit=True) as connection:
        for unit, code in WHO.items():
            connection.execute("INSERT INTO counter (unit, id) VALUES (%s, 'quay-1')", (unit,))
            connection.execute("INSERT INTO officer VALUES (%s, %s)", (code, f"name of {code}"))
            connection.execute(
                "INSERT INTO officer_post (officer, unit) VALUES (%s, %s)", (code, unit)
            )
            span = (NINE, NINE + timedelta(hours=2))
            connection.execute(
                "INSERT INTO assignment (id, officer, unit, counter, starts_at, ends_at, source)"
                " VALUES (%s, %s, %s, 'quay-1', %s, %s, 'api')", (code, code, unit, *span),
            )  # fmt: skip
            connection.execute(
                "INSERT INTO duty VALUES (%s, 'quay-1', %s, %s, %s, false)", (unit, code, *span)
            )
    for unit in WHO:
        at = build.Address(unit=unit, counter="quay-1", device="edge-1")
        store(database_url, (build.rating(NINE + timedelta(minutes=5), 5, address=at), at))
    return database_url


def read(
    database_url: str, viewer: Viewer, question: Callable[[AsyncConnection], Awaitable[T]]
) -> T:
    async def ask() -> T:
        database = Database(database_url, PATIENT)
        await database.open()
        try:
            return await database.ask(question, viewer=viewer, within_s=30)
        finally:
            await database.close()

    return run(ask())


def rows(database_url: str, viewer: Viewer, statement: str) -> list:
    async def question(connection: AsyncConnection) -> list:
        return [row[0] for row in await (await connection.execute(statement)).fetchall()]

    return read(database_url, viewer, question)


HEAD = Viewer.of(officers=[OWN], staff=[OWN, BELOW])
OFFICER = Viewer.of(officers=[], staff=[], officer="CB-FOREIGN")
EVERYBODY = Viewer.of(officers=None, staff=None)
SEEN = {  # figures, and names and rosters
    NOBODY: (set(), set()),
    HEAD: ({"CB-OWN"}, {"CB-OWN", "CB-BELOW"}),
    OFFICER: ({"CB-FOREIGN"}, {"CB-FOREIGN"}),
    EVERYBODY: (set(WHO.values()), set(WHO.values())),
}


@pytest.mark.parametrize("number", range(len(SEEN)))
def test_each_sees_the_officers_that_they_may_see_and_no_other(staffed, number):
    viewer, (figures, staff) = list(SEEN.items())[number]
    for table in ("officer_post", "assignment"):
        assert set(rows(staffed, viewer, f"SELECT officer FROM {table}")) == staff, table
    assert set(rows(staffed, viewer, "SELECT code FROM officer")) == staff
    assert set(rows(staffed, viewer, "SELECT officer FROM duty")) == figures
    for table in ("rating_hourly", "rating_totals", "visit_totals"):
        found = set(rows(staffed, viewer, f"SELECT officer FROM {table}")) - {""}
        assert found == (figures if table.startswith("rating") else set()), table
        known = set(rows(staffed, viewer, f"SELECT officer FROM {table} WHERE level = 'raw'")
                    if table == "rating_totals" else []) - {""}  # fmt: skip
        assert known <= figures


@pytest.mark.parametrize("viewer", [NOBODY, HEAD], ids=["nobody", "head"])
def test_sums_are_whole_whoever_asks(staffed, viewer):
    total = "SELECT sum(score_5)::int FROM rating_totals WHERE level = %s"
    for level in ("hour", "day", "month", "raw"):
        assert rows(staffed, viewer, total.replace("%s", f"'{level}'")) == [3], level
    assert rows(staffed, viewer, "SELECT count(*)::int FROM post_days") == [3]


@pytest.mark.parametrize(
    "table",
    ["account", "sign_in", "api_key", "screen", "second_factor", "recovery_code", "account_link",
     "officer_session", "sign_in_failure"],
)  # fmt: skip
def test_secrets_are_not_read_on_behalf_of_anybody(staffed, table):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        rows(staffed, EVERYBODY, f"SELECT 1 FROM {table}")
    assert rows(staffed, ITSELF, f"SELECT 1 FROM {table}") in ([], [1])


@pytest.mark.parametrize("statement", ["SELECT officer FROM public.rating_hourly",
                                       "SELECT officer FROM public.dossier"])  # fmt: skip
def test_what_is_masked_is_not_read_by_its_own_name(staffed, statement):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        rows(staffed, EVERYBODY, statement)


def test_every_table_with_officers_is_masked_filtered_or_closed(staffed):
    """Also one that a later migration adds: it may not be forgotten."""
    found = rows(
        staffed,
        ITSELF,
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'p')"
        " AND a.attname IN ('officer', 'stated_officer') AND NOT a.attisdropped"
        " AND NOT c.relrowsecurity"
        " AND has_table_privilege('motcua_reader', c.oid, 'SELECT')",
    )
    assert found == []


def test_a_connection_forgets_for_whom_it_was_used(staffed):
    """The pool hands the same connection to the next one who asks."""

    async def story() -> list[set[str]]:
        database = Database(staffed, PoolSettings(pool_connections=1))
        await database.open()

        async def officers(connection: AsyncConnection) -> set[str]:
            cursor = await connection.execute("SELECT officer FROM duty")
            return {row[0] for row in await cursor.fetchall()}

        async def role(connection: AsyncConnection) -> set[str]:
            return {
                row[0] for row in await (await connection.execute("SELECT current_user")).fetchall()
            }

        try:
            found = [
                await database.ask(officers, viewer=each) for each in (EVERYBODY, NOBODY, HEAD)
            ]
            return [*found, await database.ask(role, viewer=ITSELF)]
        finally:
            await database.close()

    everybody, nobody, head, role = run(story())
    assert (everybody, nobody, head) == (set(WHO.values()), set(), {"CB-OWN"})
    assert role != {"motcua_reader"}


def test_a_route_without_its_check_still_returns_no_foreign_row(staffed):
    tokens = sign_in_everybody(staffed)
    own = sign_in(staffed, "own", RoleHeld(role=Role.OFFICER, unit=FOREIGN), officer="CB-FOREIGN")
    owing = sign_in(staffed, "owing", RoleHeld(role=Role.AUDITOR), second_factor=False)

    async def work(desk: Desk) -> dict[str, set[str]]:
        @desk.app.get("/forgotten")
        async def forgotten(session: ReadSession) -> list[str]:
            async def everything(connection: AsyncConnection) -> list[str]:
                cursor = await connection.execute(
                    "SELECT officer FROM rating_hourly UNION SELECT officer FROM duty"
                )
                return [row[0] for row in await cursor.fetchall()]

            return await session.run(everything)

        asked = {**tokens, "own": own, "owing": owing, "nobody": None, "forged": "mts_" + "A" * 43}
        return {
            str(who): set((await desk.ask("/forgotten", token)).json()) - {""}
            for who, token in asked.items()
        }

    found = at_desk(staffed, work)
    assert {who: seen for who, seen in found.items() if seen} == {
        "unit_head": {"CB-OWN"},
        "department_head": {"CB-OWN"},
        "auditor": set(WHO.values()),
        "own": {"CB-FOREIGN"},
    }


ASKED = {
    "own unit by officer": f"scope=unit:{OWN}&by=officer",
    "own subtree by officer": f"scope=subtree:{OWN}&by=officer",
    "below by officer": f"scope=unit:{BELOW}&by=officer",
    "foreign by officer": f"scope=unit:{FOREIGN}&by=officer",
    "province by officer": "scope=province&by=officer",
    "own unit's officer": f"scope=unit:{OWN};officer:CB-OWN",
    "foreign officer": f"scope=unit:{FOREIGN};officer:CB-FOREIGN",
    "no officer": f"scope=unit:{OWN}",
}
ALLOWED = {
    Role.UNIT_HEAD: {"own unit by officer", "own unit's officer", "no officer"},
    Role.DEPARTMENT_HEAD: {"own unit by officer", "own unit's officer", "no officer"},
    Role.AUDITOR: set(ASKED),
    Role.WALL: {"no officer"},
    Role.PROVINCE_LEADER: {"no officer"},
    Role.OFFICER: {"no officer"},
    Role.APPRAISER: {"no officer"},
    Role.INSTALLER: set(),
    Role.OPERATOR: {"no officer"},
    Role.ADMINISTRATOR: {"no officer"},
}


def test_figures_of_officers_by_role_unit_and_officer(staffed):
    tokens = sign_in_everybody(staffed)
    own = sign_in(staffed, "own", RoleHeld(role=Role.OFFICER, unit=FOREIGN), officer="CB-FOREIGN")

    async def work(desk: Desk) -> dict[str, set[str]]:
        found = {}
        for who, token in {**tokens, "own": own}.items():
            found[who] = set()
            for name, query in ASKED.items():
                answer = await desk.ask(f"/api/v1/readings?kpi=ratings&{DAY}&{query}", token)
                assert answer.status_code in {200, 403}, answer.text
                if answer.is_success:
                    found[who].add(name)
        seen = (await desk.ask("/api/v1/audit?limit=1000", tokens[Role.AUDITOR])).json()
        looks = [entry for entry in seen if entry["action"] == "officer_seen"]
        # Whoever may see officers is also told the unit's figure, which names its only one.
        named = sum("own unit by officer" in names for names in found.values())
        by_name = sum(len(names - {"no officer"}) for names in found.values())
        assert len(looks) == by_name + named
        return found

    found = at_desk(staffed, work, remembered_s=30.0)
    assert found.pop("own") == {"foreign officer"}
    assert found == ALLOWED
