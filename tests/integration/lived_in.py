"""A small province that was lived in for two months, with an account for every role, and its
screens: a real PostgreSQL, the API as a process of its own, and the dashboards in front of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import psycopg
from psycopg import AsyncConnection

from dashboards.app import create_app
from dashboards.settings import DashboardsSettings
from motcua.history.loading import Plan, load, load_records
from motcua.history.places import HistoricUnit, draw_province
from motcua.history.truths import ALL_AT_ONCE, draw_truths
from server.access.accounts import RoleHeld
from server.access.roles import ROLES, Place, Role
from server.db.commands import run_once
from server.db.connection import session_conninfo
from server.experience.jobs import learn_all
from server.links.jobs import relink_all
from server.norms.jobs import renew_all
from server.periods import today
from tests.coroutines import apart
from tests.dashboards.stand_in import Served, served
from tests.processes import free_port, motcua
from tests.server.access.office import sign_in
from tests.waiting import eventually

SCALE, SEED, DOSSIERS = 0.03, 1, 0.05


@dataclass(frozen=True, kw_only=True)
class LivedIn:
    """Where the screens and the API are, who may sign in by which token, and the unit of all who
    hold their roles in one, with one of its officers."""

    url: str
    api_url: str
    database_url: str
    tokens: Mapping[Role, str]
    unit: HistoricUnit
    officer: str
    period: str
    """The last month, which pages show unless asked."""


def last_month(now: datetime) -> date:
    """Return the first day of the month before this one, which pages show unless asked."""
    return (today(now).replace(day=1) - timedelta(days=1)).replace(day=1)


def settle(database_url: str, now: datetime) -> HistoricUnit:
    """Load the months that pages show, let everything be learnt, and return the unit of everybody:
    a ward or commune."""
    place, end = draw_province(SEED, SCALE), today(now)
    truths = draw_truths(place, ALL_AT_ONCE, SEED)
    first = last_month(now)
    plan = Plan(first=first, end=end, raw_from=first, seed=SEED)
    with psycopg.connect(session_conninfo(database_url), autocommit=True) as connection:
        assert list(load(connection, place, truths, plan))

    async def records(connection: AsyncConnection) -> int:
        found = load_records(connection, place, truths, plan, share=DOSSIERS)
        return sum([each async for each in found])

    assert apart(run_once, database_url, records) > 0
    assert relink_all(database_url) > 0
    assert learn_all(database_url).months > 0
    assert renew_all(database_url, end) > 0
    return max(place.units[:3], key=lambda unit: unit.counters)


@contextmanager
def lived_in(database_url: str, folder: Path) -> Iterator[LivedIn]:
    """Yield the province with its screens."""
    unit = settle(database_url, datetime.now(UTC))
    tokens = {}
    for role in Role:
        held = RoleHeld(role=role, unit=None if ROLES[role].held is Place.PROVINCE else unit.id)
        officer = unit.officers[0] if role is Role.OFFICER else None
        tokens[role] = sign_in(database_url, role.replace("_", "-"), held, officer=officer)
    port = free_port()
    words = ("server", "api", "--database-url", database_url, "--port", str(port))
    api_url = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        stack.enter_context(motcua(*words, log=folder / "api.log"))
        ready = f"{api_url}/healthz"
        eventually(lambda: httpx.get(ready).is_success, 60, retry=httpx.HTTPError, what="the API")
        app = create_app(DashboardsSettings(api_url=api_url, plain_http=True))
        yield LivedIn(
            url=stack.enter_context(served(Served(app))).url,
            api_url=api_url,
            database_url=database_url,
            tokens=tokens,
            unit=unit,
            officer=unit.officers[0],
            period=f"{last_month(datetime.now(UTC)):%Y-%m}",
        )
