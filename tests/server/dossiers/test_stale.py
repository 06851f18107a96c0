"""States follow calendars, procedures and units that change after the dossiers came."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from server.db.connection import session_conninfo
from server.db.pool import Database
from server.dossiers.store import recompute_stale, store_records
from server.procedures.store import Named, register
from server.stale import recompute_all
from tests.commands import call
from tests.coroutines import run
from tests.server.asking import ask
from tests.server.dossiers.given import at, record
from tests.server.pools import PATIENT

pytestmark = pytest.mark.integration


@pytest.fixture
def books(database_url: str) -> Iterator[psycopg.Connection]:
    """One dossier received on Monday, 1 June 2026, and processed on Friday, without a promise."""

    async def fill(connection: psycopg.AsyncConnection) -> None:
        async with connection.transaction():
            await register(connection, [Named(code=record().procedure)])
            await store_records(connection, [record(processed_at=at("2026-06-05T10:00"))])

    with psycopg.connect(session_conninfo(database_url), autocommit=True) as connection:
        connection.execute("INSERT INTO unit (id, name_vi, name_en) VALUES ('vo-cuong', 'x', 'x')")
        ask(database_url, fill)
        yield connection


def imported(database_url: str, tmp_path: Path, kind: str, text: str) -> None:
    file = tmp_path / f"{kind}.csv"
    file.write_text(text, encoding="utf-8")
    result = call("import", kind, str(file), "--database-url", database_url)
    assert result.exit_code == 0, result.output


def followed(database_url: str) -> int:
    async def follow() -> int:
        database = Database(database_url, PATIENT)
        await database.open()
        try:
            return await recompute_all(database, recompute_stale)
        finally:
            await database.close()

    return run(follow())


def timeliness(books: psycopg.Connection) -> tuple[str | None, int, int]:
    row = books.execute("SELECT timeliness FROM dossier").fetchone()
    total = books.execute(
        "SELECT sum(on_time), sum(late) FROM dossier_total WHERE level = 'day'"
    ).fetchone()
    assert row is not None
    assert total is not None
    return row[0], total[0], total[1]


def test_limit_that_is_imported_later_judges_what_is_there(books, database_url, tmp_path):
    assert timeliness(books) == (None, 0, 0)
    procedure = record().procedure
    text = f"code,name_vi,limit_days\n{procedure},Khai sinh,3\n"
    imported(database_url, tmp_path, "procedures", text)
    assert followed(database_url) == 1
    assert timeliness(books) == ("after", 0, 1)


def test_day_off_that_is_imported_later_moves_the_date(books, database_url, tmp_path):
    procedure = record().procedure
    text = f"code,name_vi,limit_days\n{procedure},Khai sinh,3\n"
    imported(database_url, tmp_path, "procedures", text)
    followed(database_url)
    text = "calendar,day,hours,note\ndefault,03/06/2026,nghỉ,Lễ của tỉnh\n"
    imported(database_url, tmp_path, "calendars", text)
    assert followed(database_url) == 1
    assert timeliness(books) == ("on", 1, 0)
    assert followed(database_url) == 0


def test_calendar_of_the_unit_above_is_kept(books, database_url, tmp_path):
    imported(
        database_url,
        tmp_path,
        "units",
        "id,name_vi,parent,calendar\ntinh,Tỉnh,,thu-bay\nvo-cuong,Võ Cường,tinh,\n",
    )
    hours = "07:30-11:30 13:30-17:00"
    days = ("thứ hai", "thứ ba", "thứ tư", "thứ năm", "thứ sáu", "thứ bảy")
    rows = "".join(f"thu-bay,{day},{hours},\n" for day in days)
    imported(database_url, tmp_path, "calendars", f"calendar,day,hours,note\n{rows}")
    procedure = record().procedure
    text = f"code,name_vi,limit_days\n{procedure},Khai sinh,5\n"
    imported(database_url, tmp_path, "procedures", text)
    followed(database_url)
    due = books.execute("SELECT due_at AT TIME ZONE INTERVAL '7 hours' FROM dossier").fetchone()
    assert str(due[0]) == "2026-06-06 17:00:00"  # Saturday is the fifth working day
