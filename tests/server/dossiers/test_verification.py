"""`motcua db verify` finds what is wrong with dossiers and complaints, and repairs it."""

from __future__ import annotations

import psycopg
import pytest

from server.complaints.complaints import ComplaintRecord
from server.complaints.following import recompute_stale
from server.complaints.store import store_complaints
from server.db.connection import session_conninfo
from server.db.pool import Database
from server.dossiers.dossiers import EventKind
from server.dossiers.store import store_events, store_records
from server.kpi.catalogue import BY_ID
from server.periods import Period
from server.procedures.store import Named, register
from server.readings.readings import Question
from server.readings.store import read_readings
from server.scopes import PROVINCE
from server.stale import recompute_all
from tests.commands import call
from tests.coroutines import run
from tests.server.asking import ask
from tests.server.dossiers.given import at, event, record
from tests.server.pools import PATIENT

pytestmark = pytest.mark.integration

NOW = at("2026-08-01T08:00")
WRONGS = {
    "a state": ("UPDATE dossier SET timeliness = 'after' WHERE code = 'D-1'", "dossier D-1"),
    "a total": (
        "UPDATE dossier_total SET received = received + 1 WHERE level = 'month'", "dossier_total",
    ),
    "a total of nothing": (
        "INSERT INTO dossier_total SELECT (t).* FROM (SELECT jsonb_populate_record(x,"
        """ '{"day": "2020-01-01"}') AS t FROM dossier_total AS x LIMIT 1) AS t""",
        "dossier_total",
    ),
    "a missing month": ("DELETE FROM dossier_total WHERE level = 'whole'", "dossier_total"),
    "a missing total": ("DELETE FROM dossier_total WHERE level = 'procedure'", "dossier_total"),
    "a processing time": ("UPDATE dossier_duration_monthly SET done = 7", "dossier_duration"),
    "a deadline": ("UPDATE complaint SET in_time = NOT in_time", "complaint K-1"),
}  # fmt: skip


@pytest.fixture
def books(database_url: str) -> str:
    """Two dossiers, one of them withdrawn by an event, and a complaint that was resolved."""

    async def fill(connection: psycopg.AsyncConnection) -> None:
        await connection.execute(
            "INSERT INTO unit (id, name_vi, name_en, accepted) VALUES ('vo-cuong', 'x', 'x', true)"
        )
        await register(connection, [Named(code=record().procedure)])
        promised = {"promised_at": at("2026-06-05")}
        done = record("D-1", processed_at=at("2026-06-04T10:00"), **promised)
        await store_records(connection, [done, record("D-2", **promised)])
        withdrawn = event(EventKind.WITHDRAWN, "2026-06-03T10:00", code="D-2")
        await store_events(connection, [withdrawn], "test")
        complaint = ComplaintRecord(
            id="K-1",
            source="test",
            revision=at("2026-06-01T08:00"),
            unit="vo-cuong",
            received_at=at("2026-06-01T08:00"),
            resolved_at=at("2026-06-22T10:00"),
        )
        await store_complaints(connection, [complaint])

    ask(database_url, fill)
    return database_url


def verified(url: str, *options: str) -> tuple[int, str]:
    result = call("db", "verify", *options, "--database-url", url)
    return result.exit_code, result.output


@pytest.mark.parametrize(("wrong", "named"), WRONGS.values(), ids=WRONGS)
def test_what_is_wrong_is_told_and_repaired(books, wrong, named):
    assert verified(books)[0] == 0
    with psycopg.connect(session_conninfo(books)) as connection:
        connection.execute(wrong)
    code, told = verified(books)
    assert (code, named in told) == (1, True)
    assert verified(books, "--repair")[0] == 0
    code, told = verified(books)
    assert (code, "0 differences found" in told) == (0, True)


def figures(url: str) -> dict[str, tuple[float | None, bool | None]]:
    asked = Question(
        kpis=(BY_ID["complaints_on_time"], BY_ID["dossiers_on_time"]),
        scope=PROVINCE,
        period=Period.parse("2026-06", NOW),
    )
    readings = ask(url, lambda connection: read_readings(connection, asked, NOW))
    return {each.kpi: (each.value, each.recounting) for each in readings}


def test_readings_say_that_a_calendar_has_changed_until_all_follow_it(books, tmp_path):
    assert figures(books) == {"complaints_on_time": (1.0, None), "dossiers_on_time": (1.0, None)}
    file = tmp_path / "calendars.csv"
    # Saturdays are worked, so that three weeks are eighteen working days.
    days = ("thứ hai", "thứ ba", "thứ tư", "thứ năm", "thứ sáu", "thứ bảy")
    rows = "".join(f"default,{day},07:30-11:30 13:30-17:00,\n" for day in days)
    file.write_text(f"calendar,day,hours,note\n{rows}", encoding="utf-8")
    assert call("import", "calendars", str(file), "--database-url", books).exit_code == 0
    assert figures(books)["complaints_on_time"] == (1.0, True)
    assert "computes dossiers and complaints anew" in verified(books)[1]

    async def follow() -> int:
        database = Database(books, PATIENT)
        await database.open()
        try:
            return await recompute_all(database, recompute_stale)
        finally:
            await database.close()

    assert run(follow()) == 1
    assert figures(books) == {"complaints_on_time": (0.0, None), "dossiers_on_time": (1.0, True)}
