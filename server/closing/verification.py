"""Verifies closed periods: their chain, the rows behind them, and the digits that these give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg import AsyncConnection

from server.closing.checks import officers_erased, read_acts
from server.closing.closings import START, Closing, sealed
from server.closing.comparison import Anew, anew
from server.closing.documents import difference_of_parts, first_difference
from server.closing.editions import Edition
from server.closing.figures import VERSIONED, read_figures
from server.closing.keys import KeyRecord, by_fingerprint, faults_of_keys, is_signed
from server.closing.parts import Part
from server.closing.rows import Compared, compare_rows
from server.closing.store import (
    linked,
    noted,
    read_closings,
    read_document,
    read_keys,
    read_parts,
)
from server.closing.views import Readers, both
from server.periods import Period
from server.schemes.library import Schemes

_MOST_PARTS = 5
"""Of a closing's parts that differ: a closing of another period has hundreds."""


@dataclass(slots=True, kw_only=True)
class Findings:
    """What verifying found: `faults` name what does not hold, each in one line, `notices` what is
    to be known besides: what rests on its signature alone, and what came late.
    """

    closings: int = 0
    periods: int = 0
    newest: Closing | None = None
    faults: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


async def verify_closings(
    connection: AsyncConnection,
    readers: Readers,
    schemes: Schemes,
    *,
    expect: tuple[int, bytes] | None = None,
) -> Findings:
    """Verify every closing, and of each period's newest version also rows and digits.

    `expect` is the number and seal of a closing that was kept elsewhere. Reads every row behind
    closed figures by `readers`; meant for one transaction that sees one moment, as they do.
    """
    found = await verify_chain(connection, expect=expect)
    for closing in {each.period: each for each in await read_closings(connection)}.values():
        try:
            said = (await read_document(connection, closing.number)).read()
        except ValueError:
            continue  # that it is damaged is among the faults already
        await _verify_rows(connection, readers, closing, said, schemes, found)
    return found


async def verify_chain(
    connection: AsyncConnection, *, expect: tuple[int, bytes] | None = None
) -> Findings:
    """Verify keys, signatures and documents, and that nothing is missing; takes milliseconds."""
    closings = await read_closings(connection)
    found = Findings(
        closings=len(closings),
        periods=len({closing.period for closing in closings}),
        newest=closings[-1] if closings else None,
    )
    keys = await read_keys(connection)
    faults, notices = faults_of_keys(keys)
    found.faults += faults
    found.notices += notices
    before: Closing | None = None
    for closing in closings:
        found.faults += _faults_of_chain(closing, before, by_fingerprint(keys))
        found.faults += await _faults_of_link(connection, closing)
        found.faults += await _faults_of_document(connection, closing)
        before = closing
    found.faults += await _faults_of_log(connection, closings)
    if expect is not None and expect not in {(each.number, each.seal) for each in closings}:
        found.faults.append(
            f"closing {expect[0]} is not the one that was kept elsewhere: the chain was cut off "
            "or made anew, or an older backup was restored"
        )
    return found


def _faults_of_chain(
    closing: Closing, before: Closing | None, keys: Mapping[str, KeyRecord]
) -> list[str]:
    name = _name(closing)
    faults = []
    number, previous = (1, START) if before is None else (before.number + 1, before.seal)
    if closing.number != number:
        faults.append(f"closing {number} is missing: the next one is {name}")
    elif closing.previous != previous:
        faults.append(f"{name} is not chained to the one before it")
    if sealed(closing) != closing.seal:
        faults.append(f"{name} is not what was sealed")
    key = keys.get(closing.key)
    if key is None:
        faults.append(f"{name} is signed with key {closing.key}, which is not known")
    elif not is_signed(key.public_key, closing.seal, closing.signature):
        faults.append(f"{name} is not signed with key {closing.key}")
    return faults


async def _faults_of_link(connection: AsyncConnection, closing: Closing) -> list[str]:
    """Return whether the audit log still has the link on which the closing stands."""
    if closing.link_number is None:
        return []
    if await linked(connection, closing.link_number) == closing.link:
        return []
    return [f"{_name(closing)}: link {closing.link_number} of the audit log is another one"]


async def _faults_of_log(connection: AsyncConnection, closings: Sequence[Closing]) -> list[str]:
    """Return what the audit log says was closed and is not there."""
    seals = {closing.number: closing.seal.hex() for closing in closings}
    return [
        f"closing {number}, which entry {entry} of the audit log names, is missing or another one"
        for entry, number, seal in await noted(connection)
        if seals.get(number) != seal
    ]


async def _faults_of_document(connection: AsyncConnection, closing: Closing) -> list[str]:
    name = _name(closing)
    try:
        document = await read_document(connection, closing.number)
        said = document.read()
    except ValueError as error:
        return [f"{name}: {error}"]
    if document.digest != closing.digest:
        return [f"{name}: the document is not the one that was closed"]
    if (said["cause"], said["changes"]) != (closing.cause, list(closing.changes)):
        return [f"{name}: cause and changes are not those of the document"]
    return await _faults_of_parts(connection, closing, said["figures"].get("parts", ()))


async def _faults_of_parts(
    connection: AsyncConnection, closing: Closing, listed: Sequence[Mapping[str, str]]
) -> list[str]:
    """Return which parts are not those whose digests the document holds."""
    name = _name(closing)
    try:
        parts = await read_parts(connection, closing.number)
    except ValueError as error:
        return [f"{name}: {error}"]
    was = Counter((each["unit"], each["kind"], each["sha256"]) for each in listed)
    now = Counter((part.unit, str(part.kind), part.digest.hex()) for part in parts)
    faults = {
        (unit, kind): f"{name}: {_part(unit, kind)} is missing or another one"
        for unit, kind, _ in sorted(was - now)
    }
    for unit, kind, _ in sorted(now - was):
        faults.setdefault((unit, kind), f"{name}: {_part(unit, kind)} was not closed")
    told = list(faults.values())
    if len(told) > _MOST_PARTS:
        more = len(told) - _MOST_PARTS
        told[_MOST_PARTS:] = [f"{name}: {more} more parts are missing or other ones"]
    return told


def _part(unit: str, kind: str) -> str:
    return f"part {kind!r} of {unit or 'the province'}"


async def _verify_rows(
    connection: AsyncConnection,
    readers: Readers,
    closing: Closing,
    said: Mapping[str, Any],
    schemes: Schemes,
    found: Findings,
) -> None:
    """Compare the rows behind a period's newest version, and what they give."""
    name, period = _name(closing), Period.parse(closing.period, closing.closed_at)
    compared, read = await both(
        compare_rows(connection, readers.rows, closing, said["rows"]),
        read_figures(connection, period, schemes, closing.known_at, beside=readers.figures),
    )
    found.faults += [f"{name}: {fault}" for fault in compared.faults]
    found.notices += _notices_of_rows(name, compared)
    try:
        signed = await read_parts(connection, closing.number)
    except ValueError:
        return  # that one is damaged is among the faults already
    told = anew(read, said, signed)
    for what in VERSIONED:
        if told.figures[what] != said["figures"][what]:
            found.notices.append(
                f"{name}: the {what} is of another version now; its figures rest on its signature"
            )
            return
    if told.moved:
        found.notices.append(_changes_moved(name, said["before"], read.before))
    difference = await _first_difference(connection, closing, said["figures"], told, signed)
    if difference is None:
        return
    acts = await read_acts(connection, closing, period, closing.known_at)
    if sum(compared.late.values()) or acts:
        found.notices.append(f"{name}: a restatement is due: {difference}")
    else:
        found.faults.append(f"{name}: its rows give other digits: {difference}")


def _notices_of_rows(name: str, compared: Compared) -> Iterator[str]:
    for table, days in compared.resting.items():
        yield (
            f"{name}: {table} of {days} days are not kept any more; that they were those that "
            "were closed rests on its signature"
        )
    late = sum(compared.late.values())
    if late:
        yield f"{name}: {late} rows came or changed since"


def _changes_moved(name: str, closed: Mapping[str, Any], before: Edition | None) -> str:
    """Return why changes since the period before are not compared."""
    changes = f"{name}: changes since {closed['period']}"
    if before is None:
        return f"{changes}, which is not closed, are other ones now; they rest on the signature"
    beside = f"version {closed['version']}" if "version" in closed else "what was not closed yet"
    return f"{changes} were told beside {beside}; it has version {before.version} now"


async def _first_difference(
    connection: AsyncConnection,
    closing: Closing,
    was: Mapping[str, Any],
    now: Anew,
    signed: Sequence[Part],
) -> str | None:
    """Return the first figure that differs, of the document or else of a part."""
    difference = first_difference(
        *({name: each for name, each in of.items() if name != "parts"} for of in (was, now.figures))
    )
    if difference is not None or "parts" not in was:
        return difference
    stored = {part.key: part for part in signed}
    computed = {part.key: part for part in now.parts}
    # Officers that were erased have other codes, in whose order ties are broken.
    renamed = await officers_erased(connection, closing.known_at)
    listed = {each["sha256"] for each in was["parts"]}
    for key in sorted({*stored, *computed}):
        if key not in stored and computed[key].digest.hex() in listed:
            continue  # that it is missing is among the faults already
        told = difference_of_parts(stored.get(key), computed.get(key), renamed=renamed)
        if told is not None:
            return told
    return None


def _name(closing: Closing) -> str:
    version = "" if closing.version == 1 else f" version {closing.version}"
    return f"closing {closing.number} ({closing.period}{version})"
