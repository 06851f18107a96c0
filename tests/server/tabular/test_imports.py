"""`motcua import` from end to end: what is kept, what is listed, what can be corrected."""

from __future__ import annotations

from functools import partial

import psycopg
import pytest

from server.tabular.imports import Kind, Report, import_file
from server.units.imports import UNIT
from tests.commands import call
from tests.server.asking import ask
from tests.server.tabular.reading import Told

pytestmark = pytest.mark.integration

HEAD = "id,parent,name_vi\n"
FINE = HEAD + "a,,Phường A\nb,a,Phường B\n"
MIXED = HEAD + "a,,Phường A\nB B,a,\nc,nowhere,=1+1\nd,nowhere,D\n"


@pytest.fixture
def imported(database_url, tmp_path):
    """Import a text as a file of units and return what the command answers."""

    def run(text: str, *options: object, name: str = "units.csv"):
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return call("import", "units", file, *options, "--database-url", database_url)

    return run


@pytest.fixture
def stored(database_url):
    def names() -> list[str]:
        with psycopg.connect(database_url) as connection:
            return [row[0] for row in connection.execute("SELECT name_vi FROM unit ORDER BY id")]

    return names


def test_file_is_imported_and_importing_it_again_changes_nothing(imported, stored):
    for _ in range(2):
        result = imported(FINE)
        assert (result.exit_code, result.output) == (
            0,
            "units.csv: 2 units imported, 0 rows rejected.\n",
        )
        assert stored() == ["Phường A", "Phường B"]


def test_nothing_is_half_imported(imported, stored):
    result = imported(MIXED)
    assert result.exit_code == 1
    assert "units.csv: 1 units would be imported, 3 rows rejected." in result.output
    assert "Nothing was imported" in result.output
    assert stored() == []


def test_every_rejected_row_is_listed_with_line_column_value_reason_and_remedy(imported):
    lines = imported(MIXED).output.splitlines()
    assert "units.csv:3: id 'B B': it is not a name. Use lower-case letters" in lines[0]
    assert lines[1] == "units.csv:3: name_vi '': a required cell is empty. Fill it in."
    assert lines[2].startswith("units.csv:4: name_vi '=1+1': it is a formula.")
    assert lines[3].startswith("units.csv:5: parent 'nowhere': the parent is not known")


def test_keep_going_stores_what_is_right(imported, stored):
    result = imported(MIXED, "--keep-going")
    assert result.exit_code == 1
    assert "1 units imported, 3 rows rejected" in result.output
    assert stored() == ["Phường A"]


def test_rejected_rows_can_be_corrected_and_imported_again(imported, stored, tmp_path):
    imported(MIXED, "--keep-going")
    text = (tmp_path / "units.rejected.csv").read_text(encoding="utf-8-sig")
    assert text.splitlines()[0] == "id,parent,name_vi,motcua_line,motcua_reason,motcua_remedy"
    assert "c,nowhere,'=1+1,4," in text
    assert "ô chứa công thức" in text
    again = imported(text, "--keep-going", name="again.csv")
    assert "3 rows rejected" in again.output
    rejected_again = (tmp_path / "again.rejected.csv").read_text(encoding="utf-8-sig")
    assert rejected_again.splitlines()[0].count("motcua_line") == 1
    corrected = text.replace("B B,a,,", "b,a,B,").replace("nowhere", "a").replace("'=1+1", "C")
    result = imported(corrected, name="corrected.csv")
    assert result.exit_code == 0, result.output
    assert stored() == ["Phường A", "B", "C", "D"]


def test_dry_run_keeps_and_writes_nothing(imported, stored, tmp_path):
    assert "2 units would be imported" in imported(FINE, "--dry-run").output
    result = imported(MIXED, "--dry-run", "--keep-going")
    assert result.exit_code == 1
    assert "1 units would be imported, 3 rows rejected" in result.output
    assert stored() == []
    assert [file.name for file in tmp_path.glob("*.csv")] == ["units.csv"]


def test_template_is_written_and_can_be_imported(imported, database_url, stored, tmp_path):
    template = tmp_path / "units.xlsx"
    assert call("import", "units", "--template", template).exit_code == 0
    imported(HEAD + "bac-ninh,,Bắc Ninh\n")
    result = call("import", "units", template, "--database-url", database_url)
    assert result.exit_code == 0, result.output
    assert stored() == ["Bắc Ninh", "Phường Võ Cường"]


def test_command_without_a_file_says_what_to_name():
    result = call("import", "units")
    assert result.exit_code == 2
    assert "name a file to import, or --template FILE" in result.output


def test_file_that_breaks_off_keeps_what_stood_above_only_when_told_to(imported, stored):
    broken = FINE + 'c,,"C\n'
    for options, kept in ((), []), (("--keep-going",), []):
        result = imported(broken, *options)
        assert result.exit_code == 1
        assert "is damaged from line 4 on" in result.output
        assert stored() == kept


def test_rejected_rows_never_overwrite_what_is_imported(imported, tmp_path):
    result = imported(MIXED, "--rejected", tmp_path / "units.csv")
    assert result.exit_code == 2
    assert "would overwrite" in result.output


def test_batch_that_the_database_refuses_is_stored_without_the_row_that_it_refuses(
    database_url, tmp_path, stored
):
    """Also where a kind's own checks have missed it."""
    file = tmp_path / "units.csv"
    file.write_text(HEAD + "".join(f"u{n},{'' if n != 5 else 'x'},U{n}\n" for n in range(9)))

    async def insert(connection, entries):
        for entry in entries:
            await connection.execute(
                "INSERT INTO unit (id, parent, name_vi, name_en) VALUES (%s, %s, %s, '')",
                (entry.record.id, entry.record.parent, entry.record.name_vi),
            )
        return []

    told = Told()
    kind = Kind(record=UNIT, store=insert)
    work = partial(import_file, kind=kind, path=file, watcher=told.watcher(), keep_going=True)
    report = ask(database_url, work)
    assert report == Report(stored=8, rejected=1, committed=True)
    assert stored() == [f"U{n}" for n in range(9) if n != 5]
    (rejection,) = told.rejections
    assert rejection.line == 7
    assert "unit_parent_fkey" in rejection.faults[0].refusal.reason()
