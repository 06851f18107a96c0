"""Pages: every entry once, in order, whatever the size of a page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import CursorInvalid
from server.web.paging import Page, read, written


def next_of(page: Page) -> str | None:
    """Return the cursor of the next page."""
    link = page.headers.get("Link")
    return None if link is None else link.partition("after=")[2].partition(">")[0]


@given(st.sets(st.tuples(st.text(max_size=4), st.integers(0, 9))), st.integers(1, 5))
def test_pages_add_up_to_the_whole_list(entries, limit):
    found, after = [], None
    while True:
        page = Page(path="/x", limit=limit, after=after and read(after))
        part = page.of(sorted(entries, reverse=True), lambda each: each)
        assert len(part) <= limit
        found += part
        after = next_of(page)
        if after is None:
            break
    assert found == sorted(entries)


@pytest.mark.parametrize("text", ["", "x", "####", "W10", "eyJhIjoxfQ", written(("a",)) + "!"])
def test_what_no_answer_gave_is_no_cursor(text):
    if text == "W10":
        assert read(text) == ()
        return
    with pytest.raises(CursorInvalid):
        read(text)


@pytest.mark.parametrize(
    ("cursor", "asked"),
    [
        (("a", "b"), "number"),
        ((1,), "text"),
        (("a\x00",), "text"),
        ((2**64,), "number"),
        ((), "text"),
    ],
)
def test_a_cursor_of_another_list_is_refused(cursor, asked):
    page = Page(path="/x", after=cursor)
    with pytest.raises(CursorInvalid):
        page.number(5) if asked == "number" else page.text()


def test_a_cursor_whose_entry_has_gone_is_refused():
    with pytest.raises(CursorInvalid):
        Page(path="/x", after=("gone",), limit=1).following(["a", "b"], lambda each: each)
