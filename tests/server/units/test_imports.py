"""The CSV of units: what is taken, what is rejected, and with which words."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from server.errors import UnitsFileUnreadable
from server.units.imports import RejectedRow, UnitRow, ordered, read_units

HEAD = "id,parent,name_vi,name_en,kind\n"
DATED = "id,parent,name_vi,name_en,kind,valid_from,valid_to\n"


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    file = folder / "units.csv"
    file.write_bytes(text.encode(encoding))
    return file


def row(name: str, parent: str | None = None, line: int = 2) -> UnitRow:
    return UnitRow(line=line, id=name, parent=parent, name_vi=name, name_en=name, kind="ward")


def test_rows_are_read_with_their_lines(tmp_path):
    file = write(tmp_path, HEAD + "tu-son, bac-ninh ,Phường Từ Sơn,,ward\n")
    assert read_units(file) == [
        UnitRow(
            line=2,
            id="tu-son",
            parent="bac-ninh",
            name_vi="Phường Từ Sơn",
            name_en="Phường Từ Sơn",
            kind="ward",
        )
    ]


def test_spreadsheet_export_with_a_byte_order_mark_is_read(tmp_path):
    file = write(tmp_path, HEAD + "a,,A,A,ward\n", encoding="utf-8-sig")
    assert [entry.id for entry in read_units(file)] == ["a"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Tu Son,,A,A,ward", "id 'Tu Son' is not a name"),
        (",,A,A,ward", "id '' is not a name"),
        ("a,,,A,ward", "has no name_vi"),
        ("a,,A,A,village", "kind 'village' is none of"),
        ("a,a,A,A,ward", "names itself as its parent"),
        (f"a,,{'A' * 201},A,ward", "longer than 200 characters"),
        ("a", "has no name_vi"),
        ("province,,A,A,province", "id 'province' is kept for the whole province"),
        ("a,,A,A,ward,01/07/2026", "valid_from '01/07/2026' is no day: write it as 2026-07-01"),
        ("a,,A,A,ward,2026-07-01,2026-07-01", "valid_to 2026-07-01 is not after"),
    ],
)
def test_bad_row_is_rejected_with_its_line_and_reason(tmp_path, line, reason):
    first, second = read_units(write(tmp_path, DATED + "ok,,A,A,ward\n" + line + "\n"))
    assert isinstance(first, UnitRow)
    assert isinstance(second, RejectedRow)
    assert second.line == 3
    assert reason in second.reason


def test_days_of_validity_are_read(tmp_path):
    (unit,) = read_units(write(tmp_path, DATED + "a,,A,A,ward,2025-07-01,\n"))
    assert isinstance(unit, UnitRow)
    assert (unit.valid_from, unit.valid_to) == (date(2025, 7, 1), None)


def test_second_row_of_the_same_unit_names_the_first(tmp_path):
    _, second = read_units(write(tmp_path, HEAD + "a,,A,A,ward\na,,B,B,ward\n"))
    assert second == RejectedRow(line=3, reason="unit 'a' stands already on line 2")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"id,name_vi\na,A\n", "lacks the columns parent, name_en, kind"),
        (b"", "lacks the columns"),
        (HEAD.encode() + "Phường".encode("utf-16"), "is not UTF-8"),
    ],
)
def test_unreadable_file_says_what_to_do(tmp_path, content, complaint):
    file = tmp_path / "units.csv"
    file.write_bytes(content)
    with pytest.raises(UnitsFileUnreadable, match=complaint):
        read_units(file)


def test_absent_file_is_named(tmp_path):
    with pytest.raises(UnitsFileUnreadable, match=r"none\.csv cannot be read"):
        read_units(tmp_path / "none.csv")


def test_parents_come_before_children_whatever_the_order_of_lines():
    rows = [row("c", "b"), row("b", "a"), row("a")]
    assert [entry.id for entry in ordered(rows, {})] == ["a", "b", "c"]


def test_known_units_may_be_parents():
    assert [entry.id for entry in ordered([row("b", "a")], {"a": None})] == ["b"]


@pytest.mark.parametrize(
    ("rows", "known"),
    [
        ([row("a", "nowhere")], {}),
        ([row("a", "b"), row("b", "a")], {}),
        ([row("a", "b")], {"b": "a"}),
    ],
)
def test_unknown_parent_or_circle_is_rejected(rows, known):
    entries = list(ordered(rows, known))
    assert all(isinstance(entry, RejectedRow) for entry in entries)
    assert len(entries) == len(rows)
