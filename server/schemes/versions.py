"""Versions of schemes that the province put in force itself: their files, only ever added."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from psycopg import AsyncConnection

from runtime.sql import statements
from server.errors import NotFound, RequestInvalid, SchemeInvalid
from server.schemes.library import SchemeFiles, Schemes, parse, with_added
from server.schemes.schemes import Scheme

_SQL = statements("server.schemes", "schemes.sql")


async def known_schemes(connection: AsyncConnection, shipped: Schemes) -> Schemes:
    """Return every version by id and validity: those of files, and those that were added."""
    rows = await (await connection.execute(_SQL["added_versions"])).fetchall()
    return _joined(shipped, tuple(text for (text,) in rows)) if rows else shipped


@lru_cache(maxsize=8)
def _joined(shipped: Schemes, texts: tuple[str, ...]) -> Schemes:
    return with_added(shipped, [parse(text, "scheme_version") for text in texts])


async def tried(connection: AsyncConnection, shipped: Schemes, text: str, today: date) -> Scheme:
    """Return the version that a file describes, as it would hold; nothing is stored.

    Raises RequestInvalid for a file that is wrong or does not fit the versions before it, and for
    one that would hold on days that are over or today: what was scored stays as it was. A version
    that does not hold yet may be sent anew.
    """
    rows = await (await connection.execute(_SQL["added_versions"])).fetchall()
    added = [parse(file, "scheme_version") for (file,) in rows]
    try:
        found = parse(text, "file")
        if found.valid_from > today:
            others = [each for each in added if not _is_coming(each, found, today)]
            return _version(with_added(shipped, [*others, found]), found)
    except SchemeInvalid as error:
        raise RequestInvalid(f"the scheme's file is not right: {error}") from error
    raise RequestInvalid(
        f"valid_from: {found.valid_from} is not after today, {today}: what was scored stays"
    )


def _is_coming(added: Scheme, found: Scheme, today: date) -> bool:
    same = (added.id, added.version) == (found.id, found.version)
    return same and added.valid_from > today


def _version(schemes: Schemes, found: Scheme) -> Scheme:
    """Return the version as it holds among the others."""
    wanted = (found.id, found.version)
    return next(each for each in schemes if (each.id, each.version) == wanted)


async def read_file(
    connection: AsyncConnection, shipped: SchemeFiles, scheme: str, version: int
) -> str:
    """Return the file of one version; raise NotFound."""
    asked = {"scheme": scheme, "version": version}
    row = await (await connection.execute(_SQL["added_version"], asked)).fetchone()
    found = shipped.get((scheme, version)) if row is None else str(row[0])
    if found is None:
        raise NotFound(f"scheme {scheme!r} has no version {version}")
    return found


async def lock_versions(connection: AsyncConnection) -> None:
    """Let whoever else adds a version wait for the end of this transaction."""
    await connection.execute(_SQL["lock_versions"])


async def add_version(
    connection: AsyncConnection, scheme: Scheme, text: str, by: tuple[str, str, datetime]
) -> None:
    """Store a version with who adds it, why and when."""
    who, reason, now = by
    values = {
        "scheme": scheme.id,
        "version": scheme.version,
        "valid_from": scheme.valid_from,
        "at": now,
        "by": who,
        "reason": reason,
        "file": text,
    }
    await connection.execute(_SQL["add_version"], values)
