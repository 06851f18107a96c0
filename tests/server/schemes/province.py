"""Four units with officers and the dossiers of October 2026, as the tests of classes need them."""

from __future__ import annotations

from pathlib import Path

import psycopg

from server.db.connection import session_conninfo
from tests.commands import call
from tests.server.access.office import BELOW, FOREIGN, OWN, settle

OFFICERS = {"CB-1": OWN, "CB-2": OWN, "CB-3": FOREIGN}
HEAD = (
    "code,procedure,receiving_unit,resolving_unit,channel,officer,received_at,promised_at,"
    "processed_at,fee_due,paid_online,digitised,result_digitised,data_reused\n"
)


def dossier(number: int, unit: str, officer: str, *, late: bool = False) -> str:
    """Return a line of the table: received on 1 October, promised for the 9th."""
    ended = 12 if late else 8
    return (
        f"G09-{number},1.1,{unit},{unit},online,{officer},01/10/2026 08:00,09/10/2026,"
        f"{ended:02}/10/2026 10:00,yes,yes,yes,no,yes\n"
    )


def staff(database_url: str) -> None:
    """Store the units and their officers."""
    settle(database_url)
    with psycopg.connect(session_conninfo(database_url), autocommit=True) as connection:
        connection.execute("UPDATE unit SET kind = 'ward', accepted = true")
        for code, unit in OFFICERS.items():
            connection.execute("INSERT INTO officer VALUES (%s, %s)", (code, f"Name of {code}"))
            connection.execute(
                "INSERT INTO officer_post (officer, unit) VALUES (%s, %s)", (code, unit)
            )


def fill(database_url: str, folder: Path) -> None:
    """Store ten dossiers of OWN, one of them late, one of BELOW, and four of FOREIGN."""
    staff(database_url)
    lines = [dossier(n, OWN, "CB-1" if n < 6 else "CB-2", late=n == 9) for n in range(10)]
    lines.append(dossier(10, BELOW, ""))
    lines += [dossier(n, FOREIGN, "CB-3") for n in range(11, 15)]
    file = folder / "dossiers.csv"
    file.write_text(HEAD + "".join(lines), encoding="utf-8")
    result = call("import", "dossiers", file, "--database-url", database_url)
    assert result.exit_code == 0, result.output


def execute(database_url: str, statement: str, *values: object) -> list[tuple]:
    """Run one statement and return its rows, none for a change."""
    with psycopg.connect(session_conninfo(database_url), autocommit=True) as connection:
        cursor = connection.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []
