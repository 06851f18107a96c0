"""Named SQL: statements live in `.sql` files, each with a name and a comment that says why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import LiteralString

_NAME = re.compile(r"^-- name: ([a-z][a-z0-9_]*)\n", re.MULTILINE)


@cache
def statements(package: str, file: str) -> Mapping[str, LiteralString]:
    """Return name to SQL of one file of `package`, in the file's order.

    Raises ValueError for a name given twice and for a statement without its comment.
    """
    return parse(resources.files(package).joinpath(file).read_text(encoding="utf-8"))


def parse(text: str) -> Mapping[str, LiteralString]:
    """Return name to SQL of a file's text."""
    parts = _NAME.split(text)[1:]
    found: dict[str, LiteralString] = {}
    for name, sql in zip(parts[::2], parts[1::2], strict=True):
        if name in found:
            raise ValueError(f"statement {name!r} is defined twice")
        if not sql.startswith("-- "):
            raise ValueError(f"statement {name!r} does not say why: add a comment below its name")
        found[name] = sql.strip()
    return MappingProxyType(found)
