"""What an issued report and the present have in common is compared, whatever the layout."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from server.reports.canonical import digest_of, key_digest, row_digest, row_digests
from server.reports.comparison import Restated, differences
from server.reports.document import CellKind, Column, Document, Format, Missing
from server.reports.store import Asker, Issue
from tests.server.reports.given import document, row, table

NEW = Column(id="new", title="New", kind=CellKind.COUNT)


def issued(made: Document, **given: object) -> Issue:
    return replace(
        Issue(
            file_digest="f",
            digest=digest_of(made),
            issued_at=datetime(2026, 11, 1, tzinfo=UTC),
            question={},
            asker=Asker(name="x", kind="command"),
            format=Format.PDF,
            edition=None,
            draft=False,
            layout=made.layout,
            row_digests=row_digests(made),
        ),
        **given,  # type: ignore[arg-type]
    )


def given() -> Document:
    return document(table(row(1, "a"), row(2, "b"), row(3, "c")))


def with_column(made: Document) -> Document:
    """Return the document as a release gives it that tells one column more."""
    (first,) = made.tables
    wider = replace(
        first,
        columns=(*first.columns, NEW),
        rows=tuple(replace(each, cells=(*each.cells, 7)) for each in first.rows),
    )
    return replace(made, layout=made.layout + 1, tables=(wider,))


def changed(made: Document, column: str, cell: object) -> Document:
    """Return the document with another cell in its second row."""
    (first,) = made.tables
    place = first.index(column)
    one, two, *rest = first.rows
    cells = (*two.cells[:place], cell, *two.cells[place + 1 :])
    rows = (one, replace(two, cells=cells), *rest)
    return replace(made, tables=(replace(first, rows=rows),))  # type: ignore[arg-type]


def figure_of(made: Document) -> str:
    (first,) = made.tables
    return next(each.id for each in first.columns if each.kind is CellKind.SHARE)


def words_of(made: Document) -> str:
    (first,) = made.tables
    return next(each.id for each in first.columns if each.kind is CellKind.TEXT)


def test_nothing_that_changed_is_nothing_restated():
    found = differences(given(), issued(given()))
    assert found == Restated(changed=0, added=0, gone=0, rows=(), compared=3, issued=3)


def test_a_figure_that_changed_is_named_by_its_row():
    found = differences(changed(given(), figure_of(given()), 0.123), issued(given()))
    assert (found.changed, found.layout_changed, len(found.rows)) == (1, False, 1)


def test_another_word_is_no_restatement():
    found = differences(changed(given(), words_of(given()), "renamed"), issued(given()))
    assert (found.any, found.reworded) == (False, 1)
    missing = changed(given(), figure_of(given()), Missing(reason="too few"))
    said_otherwise = changed(given(), figure_of(given()), Missing(reason="small sample"))
    assert not differences(said_otherwise, issued(missing)).any


def test_a_new_column_is_said_and_is_no_restatement():
    found = differences(with_column(given()), issued(given()))
    assert (found.any, found.layout_changed, found.compared) == (False, True, 3)


def test_a_figure_that_changed_is_found_also_in_another_layout():
    now = with_column(changed(given(), figure_of(given()), 0.123))
    found = differences(now, issued(given()))
    assert (found.changed, found.added, found.gone, found.layout_changed) == (1, 0, 0, True)


def test_rows_of_another_layout_are_not_called_new_or_gone():
    (first,) = given().tables
    fewer = replace(given(), layout=2, tables=(replace(first, rows=first.rows[:1]),))
    found = differences(fewer, issued(given()))
    assert (found.any, found.compared, found.issued) == (False, 1, 3)
    same_layout = replace(fewer, layout=1)
    assert differences(same_layout, issued(given())).gone == 2


def test_of_a_file_of_before_layouts_only_rows_that_are_the_same_are_told():
    (first,) = given().tables
    former = {"units": {key_digest(each): row_digest(each) for each in first.rows}}
    was = issued(given(), layout=0, row_digests=former)
    found = differences(changed(given(), figure_of(given()), 0.123), was)
    assert (found.any, found.layout_changed, found.compared, found.issued) == (False, True, 2, 3)
