"""Every text exists in both languages, and every key is used."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from contract.texts import Language, texts

REPOSITORY = Path(__file__).parents[2]
ROOMS = sorted(
    ".".join(path.parent.parent.relative_to(REPOSITORY).parts)
    for pattern in ("*/texts/vi.toml", "*/*/texts/vi.toml")
    for path in REPOSITORY.glob(pattern)
)
SOURCES = ("*.py", "*.js", "*.html")


def source_of(room: str) -> str:
    """Return the code that may name a key of `room`: any room's, for texts are shared by keys."""
    rooms = {room.partition(".")[0], "contract", "edge", "server", "dashboards", "motcua"}
    files = (
        file
        for name in sorted(rooms)
        for pattern in SOURCES
        for file in (REPOSITORY / name).rglob(pattern)
    )
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


@pytest.mark.parametrize("room", ROOMS)
def test_both_languages_have_the_same_keys_in_the_same_order(room: str) -> None:
    vi, en = (texts(room, language) for language in Language)
    assert list(vi) == list(en)


@pytest.mark.parametrize("room", ROOMS)
def test_no_text_is_empty(room: str) -> None:
    for language in Language:
        entries = texts(room, language)
        assert [key for key in entries if not entries[key].strip()] == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_key_is_used(room: str) -> None:
    """A key is used where its whole path, its table or its last name stands in the code."""
    source = source_of(room)
    unused = [
        key
        for key in texts(room, Language.VI)
        if f'.below("{key.rpartition(".")[0]}")' not in source
        and not any(
            re.search(rf"""["'.`]{re.escape(name)}(?![a-z0-9_])""", source)
            for name in (key, key.rpartition(".")[2])
        )
    ]
    assert unused == []


@pytest.mark.parametrize("room", ROOMS)
def test_files_hold_tables_of_texts_only(room: str) -> None:
    for language in Language:
        file = REPOSITORY.joinpath(*room.split("."), "texts", f"{language}.toml")
        values = list(leaves(tomllib.loads(file.read_text(encoding="utf-8"))))
        assert all(isinstance(value, str) for value in values)


def leaves(table: dict) -> list[object]:
    found: list[object] = []
    for value in table.values():
        found += leaves(value) if isinstance(value, dict) else [value]
    return found
