"""What imports of officers and rosters leave in the database."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg import sql

from contract.identifiers import new_id
from contract.messages import SessionEvent
from contract.topics import Address
from server.staff.imports import STAFF
from server.tabular.batches import take_batch
from tests.server import build
from tests.server.asking import ask, store

pytestmark = pytest.mark.integration

ROSTER = "officer,unit,counter,starts_at,ends_at\n"


def shift(officer: str, counter: str, start: str, end: str, day: str = "2026-10-05") -> str:
    return f"{officer},bac-ninh,{counter},{day} {start},{day} {end}\n"


def test_officers_are_known_by_their_code_whatever_its_spelling(imports, rows, staff_text):
    imports("staff", staff_text.replace("cb-1", " CB-1 ").replace("An", "Anh"))
    assert rows("SELECT * FROM officer ORDER BY code") == [
        ("CB-1", "Nguyễn Văn Anh"),
        ("CB-2", "Trần Thị Bình"),
    ]
    assert rows("SELECT officer, position, valid_from::text FROM officer_post ORDER BY 1") == [
        ("CB-1", "Công chức", "-infinity"),
        ("CB-2", "", "2025-07-01"),
    ]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("CB-3,Lê C,nowhere,,", "Mã đơn vị 'nowhere': the unit is not known"),
        ("CB-1,Lê C,bac-ninh,,2026-01-01", "the code has another name on line 2"),
        ("CB-1,Nguyễn Văn An,bac-ninh,,2026-01-01", "overlaps a stored post"),
        ("cb-2,Trần Thị Bình,bac-ninh,,2025-07-01", "stands already on line 3"),
        ("Lê C,Lê C,bac-ninh,,", "Mã cán bộ 'Lê C': the code has characters"),
    ],
    ids=["unit", "name", "overlap", "twice", "code"],
)
def test_wrong_post_is_refused(imports, staff_text, line, complaint):
    assert complaint in imports("staff", staff_text + line + "\n", code=1)


def test_counter_of_an_unknown_unit_is_refused(imports):
    assert "the unit is not known" in imports("counters", "unit,id\nnowhere,quay-1\n", code=1)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (shift("CB-9", "quay-1", "07:30", "11:30"), "officer 'CB-9': the officer is not known"),
        (shift("CB-1", "quay-9", "07:30", "11:30"), "the unit has no such counter"),
        (shift("CB-1", "quay-1", "11:30", "07:30"), "it is not after the start"),
        (shift("CB-2", "quay-1", "11:00", "13:00"), "overlaps CB-1 bac-ninh/quay-1 2026-10-05"),
    ],
    ids=["officer", "counter", "order", "overlap"],
)
def test_wrong_assignment_is_refused(imports, rows, line, complaint):
    text = ROSTER + shift("CB-1", "quay-1", "07:30", "11:30") + line
    assert complaint in imports("assignments", text, code=1)
    assert rows("SELECT * FROM assignment") == []


def duty(rows) -> list[tuple[str, str, str, str]]:
    return rows(
        "SELECT counter, officer, to_char(starts_at AT TIME ZONE INTERVAL '7 hours', 'DD HH24:MI'),"
        " to_char(ends_at AT TIME ZONE INTERVAL '7 hours', 'DD HH24:MI') FROM duty ORDER BY 1, 3"
    )


def test_roster_puts_officers_on_duty_and_a_new_version_replaces_it(imports, rows):
    morning, afternoon = ("07:30", "11:30"), ("13:30", "17:00")
    first = shift("cb-1", "quay-1", *morning) + shift("CB-2", "quay-1", *afternoon)
    for _ in range(2):
        imports("assignments", ROSTER + first)
        assert duty(rows) == [
            ("quay-1", "CB-1", "05 07:30", "05 11:30"),
            ("quay-1", "CB-2", "05 13:30", "05 17:00"),
        ]
    swapped = shift("CB-1", "quay-2", *morning) + shift("CB-2", "quay-2", *afternoon)
    imports("assignments", ROSTER + swapped)
    assert [row[0] for row in duty(rows)] == ["quay-2", "quay-2"]


def test_cancelled_assignment_ends_duty_and_is_kept(imports, rows):
    imports("assignments", ROSTER + shift("CB-1", "quay-1", "07:30", "11:30"))
    text = ROSTER.replace("ends_at", "ends_at,cancelled") + shift(
        "CB-1", "quay-1", "07:30", "11:30"
    ).replace("\n", ",có\n")
    imports("assignments", text)
    assert duty(rows) == []
    assert rows("SELECT cancelled FROM assignment") == [(True,)]


def test_assignment_of_days_is_cut_at_midnight(imports, rows):
    imports("assignments", ROSTER + "CB-1,bac-ninh,quay-1,2026-10-05 07:30,2026-10-07 11:30\n")
    assert [row[2:] for row in duty(rows)] == [
        ("05 07:30", "06 00:00"),
        ("06 00:00", "07 00:00"),
        ("07 00:00", "07 11:30"),
    ]


SIGNED_ON = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)  # 09:00 in Vietnam


def sign_on(database_url: str) -> None:
    address = Address(unit="bac-ninh", counter="quay-1", device="kiosk")
    session = new_id(SIGNED_ON)
    for at, event in (
        (SIGNED_ON, SessionEvent.ON),
        (SIGNED_ON + timedelta(hours=1), SessionEvent.OFF),
    ):
        told = {"officer": "cb-2", "event": event, "session": session, "address": address}
        store(database_url, (build.officer_session(at, **told), address))


@pytest.mark.parametrize("roster_first", [True, False])
def test_sign_on_goes_before_the_roster_whichever_is_told_first(
    imports, rows, database_url, roster_first
):
    roster = ROSTER + shift("CB-1", "quay-1", "07:30", "11:30")
    if roster_first:
        imports("assignments", roster)
    sign_on(database_url)
    if not roster_first:
        imports("assignments", roster)
    assert duty(rows) == [
        ("quay-1", "CB-1", "05 07:30", "05 09:00"),
        ("quay-1", "CB-2", "05 09:00", "05 10:00"),
        ("quay-1", "CB-1", "05 10:00", "05 11:30"),
    ]


def test_names_of_officers_stand_in_their_table_alone(imports, database_url, staff_text):
    """Neither another table, nor messages, nor answers that are kept repeat a name."""
    wrong = (
        staff_text.replace("bac-ninh", "nowhere", 1) + f"CB-3,{'Nguyễn Văn An' * 20},bac-ninh,,\n"
    )
    assert "Nguyễn" not in imports("staff", wrong, code=1)
    body = {"records": [{"code": "CB-1", "name": "Nguyễn Văn Anh", "unit": "nowhere"}] * 2}
    body["records"] += [{"code": "CB-1", "name": "Nguyễn Văn An" * 20, "unit": "bac-ninh"}]

    async def take(connection):
        async with connection.transaction():
            return await take_batch(
                connection, STAFF, json.dumps(body).encode(), "batch-0001", keep_going=True
            )

    assert ask(database_url, take).rejected == 3
    with psycopg.connect(database_url) as connection:
        tables = [
            name
            for (name,) in connection.execute(
                "SELECT relname FROM pg_class WHERE relkind IN ('r', 'm') AND relnamespace ="
                " 'public'::regnamespace"
            )
        ]
        holding = {
            table
            for table in tables
            if connection.execute(
                sql.SQL("SELECT 1 FROM {} AS row WHERE row::text LIKE '%Nguyễn%'").format(
                    sql.Identifier(table)
                )
            ).fetchone()
        }
    assert holding == {"officer"}
