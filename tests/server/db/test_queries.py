"""Every query in a file is used, every name used is in a file, and each says why."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from server.db.queries import names, parse, query

SERVER = Path(__file__).parents[3] / "server"


def sources() -> list[ast.Module]:
    return [ast.parse(file.read_text(encoding="utf-8")) for file in SERVER.rglob("*.py")]


def strings() -> set[str]:
    return {
        node.value
        for tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def asked_for() -> set[str]:
    """The literal arguments of query("…") and StreamTable(query="…")."""
    found = set()
    for tree in sources():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            if isinstance(node.func, ast.Name) and node.func.id == "query":
                found |= {arg.value for arg in node.args if isinstance(arg, ast.Constant)}
            found |= {
                keyword.value.value
                for keyword in node.keywords
                if keyword.arg == "query" and isinstance(keyword.value, ast.Constant)
            }
    return found


def test_every_query_is_used():
    assert names() - strings() == set()


def test_every_used_name_exists():
    assert asked_for() >= {"insert_ratings", "units"}
    assert asked_for() - names() == set()


def test_unknown_name_is_an_error():
    with pytest.raises(KeyError):
        query("no_such_query")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("-- name: a\n-- why\nSELECT 1\n-- name: a\n-- why\nSELECT 2", "defined twice"),
        ("-- name: a\nSELECT 1", "does not say why"),
    ],
)
def test_careless_file_is_refused(text, complaint):
    with pytest.raises(ValueError, match=complaint):
        parse(text)


def test_sql_stands_in_files_alone():
    verbs = ("SELECT ", "INSERT ", "UPDATE ", "DELETE ", "LISTEN ", "CREATE ")
    assert [text for text in strings() if text.lstrip().startswith(verbs)] == []
