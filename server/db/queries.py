"""Named SQL: every query lives in a file of `server/db/sql` with a name and a why."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import LiteralString

_NAME = re.compile(r"^-- name: ([a-z][a-z0-9_]*)\n", re.MULTILINE)


def query(name: str) -> LiteralString:
    """Return the SQL of the query called `name`; KeyError when no file has it."""
    return _all()[name]


def names() -> frozenset[str]:
    """Return the names of all queries."""
    return frozenset(_all())


def parse(text: str) -> dict[str, str]:
    """Return name to SQL for one file; each query must begin with a comment that says why."""
    parts = _NAME.split(text)[1:]
    queries: dict[str, str] = {}
    for name, sql in zip(parts[::2], parts[1::2], strict=True):
        if name in queries:
            raise ValueError(f"query {name!r} is defined twice")
        if not sql.startswith("-- "):
            raise ValueError(f"query {name!r} does not say why: add a comment below its name")
        queries[name] = sql.strip()
    return queries


@cache
def _all() -> dict[str, LiteralString]:
    found: dict[str, LiteralString] = {}
    for file in resources.files("server.db").joinpath("sql").iterdir():
        if not file.name.endswith(".sql"):
            continue
        for name, sql in parse(file.read_text(encoding="utf-8")).items():
            if name in found:
                raise ValueError(f"query {name!r} is defined twice, again in {file.name}")
            found[name] = sql
    return found
