"""Units in a table: what is taken, what is rejected and why, and in which order it is stored."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.tabular.records import Entry, Row
from server.tabular.refusals import Rejection
from server.units.imports import UNIT as RECORD
from server.units.records import DEEPEST, Known, UnitRecord, ordered
from tests.server.tabular.reading import codes, read_records, read_rows

HEAD = "id,parent,name_vi,name_en,kind,valid_from,valid_to,parent_since,latitude,longitude\n"
NOTHING = Known(parents={}, successors={})


def entry(name: str, parent: str | None = None, successor: str | None = None) -> Entry[UnitRecord]:
    unit = UnitRecord(id=name, parent=parent, name_vi=name, successor=successor)
    return Entry(row=Row(line=2, cells=()), record=unit)


def outcome(entries, known=NOTHING):
    """Return the ids that are stored, in order, and the codes of those that are not."""
    found = list(ordered(entries, known))
    stored = [each.record.id for each in found if isinstance(each, Entry)]
    return stored, [codes(each)[0][1] for each in found if isinstance(each, Rejection)]


def write(folder, text):
    file = folder / "units.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_unit_is_read_with_its_days_and_place(tmp_path):
    line = "tu-son, bac-ninh ,Phường  Từ Sơn,,phường,01/07/2025,,2025-07-01,21.1,105.96\n"
    assert read_records(write(tmp_path, HEAD + line), RECORD) == [
        UnitRecord(
            id="tu-son",
            parent="bac-ninh",
            name_vi="Phường Từ Sơn",
            kind="ward",
            valid_from=date(2025, 7, 1),
            parent_since=date(2025, 7, 1),
            latitude=21.1,
            longitude=105.96,
        )
    ]


def test_columns_that_are_not_required_may_be_missing(tmp_path):
    file = write(tmp_path, "id,name_vi\na,A\n")
    assert read_records(file, RECORD) == [UnitRecord(id="a", parent=None, name_vi="A")]


@pytest.mark.parametrize(
    ("line", "column", "code"),
    [
        ("Tu Son,,A,A,ward", "id", "not_a_name"),
        (",,A,A,ward", "id", "missing"),
        ("a,,,A,ward", "name_vi", "missing"),
        ("a,,A,A,village", "kind", "none_of"),
        ("a,a,A,A,ward", "parent", "unit_of_itself"),
        (f"a,,{'A' * 5000},A,ward", "name_vi", "too_long"),
        ("a,,=1+1,A,ward", "name_vi", "formula"),
        ("province,,A,A,province", "id", "unit_is_province"),
        ("a,,A,A,ward,31/02/2026", "valid_from", "not_a_day"),
        ("a,,A,A,ward,01/07/26", "valid_from", "short_year"),
        ("a,,A,A,ward,2026-07-01,2026-07-01", "valid_to", "ends_before"),
        ("a,,A,A,ward,,,2026-07-01", "parent", "since_without_parent"),
        ("a,,A,A,ward,,,,21.1,", "latitude", "half_a_place"),
        ("a,,A,A,ward,,,,21.1,181", "longitude", "out_of_range"),
        ("ok,,A,A,ward", "id", "twice"),
        ("a,,A,A,ward,,,,,,extra", "", "too_many_cells"),
    ],
)
def test_wrong_row_is_rejected_with_line_column_and_reason(tmp_path, line, column, code):
    first, second = read_rows(write(tmp_path, HEAD + "ok,,A,A,ward\n" + line + "\n"), RECORD)
    assert isinstance(first, Entry)
    assert codes(second) == [(column, code)]
    assert second.line == 3


def test_everything_that_is_wrong_with_a_row_is_said_at_once(tmp_path):
    (row,) = read_rows(write(tmp_path, HEAD + "A A,,,,village\n"), RECORD)
    assert codes(row) == [("id", "not_a_name"), ("name_vi", "missing"), ("kind", "none_of")]


def test_parents_and_successors_come_first_whatever_the_order_of_lines():
    entries = [entry("old", "b", "new"), entry("c", "b"), entry("b", "a"), entry("new"), entry("a")]
    stored, rejected = outcome(entries)
    assert rejected == []
    assert stored.index("a") < stored.index("b") < stored.index("old")
    assert stored.index("new") < stored.index("old")


def test_known_units_may_be_parents():
    known = Known(parents={"a": None}, successors={"a": None})
    assert outcome([entry("b", "a")], known) == (["b"], [])


@pytest.mark.parametrize(
    ("entries", "known", "code"),
    [
        ([entry("a", "nowhere")], {}, "unknown_parent"),
        ([entry("a", "b"), entry("b", "a")], {}, "unknown_parent"),
        ([entry("a", "b")], {"b": "a"}, "above_itself"),
        ([entry("a", None, "nowhere")], {}, "unknown_successor"),
        ([entry("a", None, "b"), entry("b", None, "a")], {}, "unknown_successor"),
    ],
)
def test_unknown_unit_or_circle_is_rejected(entries, known, code):
    stored, rejected = outcome(entries, Known(parents=known, successors=dict.fromkeys(known)))
    assert stored == []
    assert rejected == [code] * len(entries)


def test_successors_that_lead_back_through_the_database_are_rejected():
    known = Known(parents={"b": None}, successors={"b": "a"})
    assert outcome([entry("a", None, "b")], known) == ([], ["succeeds_itself"])


def test_tree_of_forty_levels_is_cut_off_where_it_is_too_deep():
    chain = [entry("u0"), *(entry(f"u{n}", f"u{n - 1}") for n in range(1, 40))]
    stored, rejected = outcome(chain)
    assert len(stored) == DEEPEST
    assert rejected == ["too_deep"] + ["unknown_parent"] * (40 - DEEPEST - 1)


@given(st.dictionaries(st.sampled_from("abcdef"), st.none() | st.sampled_from("abcdef")))
def test_any_table_leaves_a_tree_without_circles(parents):
    entries = [entry(unit, parent) for unit, parent in parents.items() if unit != parent]
    stored, rejected = outcome(entries)
    assert len(stored) + len(rejected) == len(entries)
    for place, unit in enumerate(stored):
        assert parents[unit] is None or parents[unit] in stored[:place]
