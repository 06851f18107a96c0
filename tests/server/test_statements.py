"""SQL of the server stands in its files alone, and every statement there is used."""

from __future__ import annotations

import ast
from pathlib import Path

from runtime.sql import parse

SERVER = Path(__file__).parents[2] / "server"
SCHEMA = SERVER / "db" / "schema"


def strings() -> set[str]:
    return {
        node.value
        for file in SERVER.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def names() -> set[str]:
    files = [file for file in SERVER.rglob("*.sql") if SCHEMA not in file.parents]
    return {name for file in files for name in parse(file.read_text(encoding="utf-8"))}


def test_every_statement_is_used():
    assert {"record_migration", "purge_replayed"} <= names()
    assert names() - strings() == set()


def test_sql_stands_in_files_alone():
    verbs = ("SELECT ", "INSERT ", "UPDATE ", "DELETE ", "LISTEN ", "CREATE ")
    assert [text for text in strings() if text.lstrip().startswith(verbs)] == []
