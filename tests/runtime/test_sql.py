"""Every statement of the product has a name and says why it is there."""

from pathlib import Path

import pytest

from runtime.sql import parse

REPOSITORY = Path(__file__).parents[2]
FILES = sorted(
    file
    for room in ("edge", "server")
    for file in (REPOSITORY / room).rglob("*.sql")
    if "-- name:" in file.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(REPOSITORY)))
def test_file_holds_named_statements_with_their_reason(file):
    assert parse(file.read_text(encoding="utf-8"))


def test_statements_are_found_by_name_without_what_is_between():
    text = "-- name: one\n-- why\nSELECT 1\n\n-- name: two\n-- why\nSELECT 2\n"
    assert dict(parse(text)) == {"one": "-- why\nSELECT 1", "two": "-- why\nSELECT 2"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("-- name: one\nSELECT 1\n", "does not say why"),
        ("-- name: one\n-- why\nSELECT 1\n-- name: one\n-- why\nSELECT 1\n", "twice"),
    ],
)
def test_a_statement_without_reason_or_twice_is_refused(text, said):
    with pytest.raises(ValueError, match=said):
        parse(text)
