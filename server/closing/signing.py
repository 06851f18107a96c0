"""Signs closings: the key in use and its successor, and what has to hold before it signs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from psycopg import AsyncConnection

from server.audit.entries import Action, Entry
from server.audit.store import record
from server.closing.closings import Closing, require_forward
from server.closing.keys import KeyRecord, Newest, SigningKey
from server.closing.store import add_key, read_closings, read_keys, read_newest
from server.errors import ConfigurationError, Conflict
from server.schemes.library import Schemes


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """What a version is made with: the key, the schemes, and the entry of whoever makes it."""

    key: SigningKey
    schemes: Schemes
    by: Entry


async def require_ready(
    connection: AsyncConnection, signing: Signing, now: datetime
) -> Closing | None:
    """Return the newest closing; raise where the clock, the database or the key is not its."""
    newest = await read_newest(connection)
    require_forward(newest, now)
    signed = signing.key.newest
    if signed is not None and signed.number:
        made = next(
            (each for each in await read_closings(connection) if each.number == signed.number), None
        )
        if made is None or made.seal != signed.seal:
            raise Conflict(
                f"closing {signed.number} was signed with this key and is not in this database: "
                "an older backup was restored, or it is another database; see `motcua closing "
                "resume`"
            )
    keys = await read_keys(connection)
    if keys:
        _require_in_use(signing.key, keys)
    return newest


def first_key(key: SigningKey, since: datetime) -> KeyRecord:
    """Return the record of the key that makes the first closing."""
    return KeyRecord(
        number=1,
        fingerprint=key.fingerprint,
        public_key=key.public_key,
        since=since,
        signature=None,
        reason="",
    )


async def hand_over(
    connection: AsyncConnection, former: SigningKey | None, key: SigningKey, by: Entry, reason: str
) -> KeyRecord:
    """Make `key` the one that signs from now on; a `former` that is lost is None, for a `reason`.

    In the caller's transaction. Raises Conflict where there is no key yet, and ConfigurationError
    where `former` is not the one in use.
    """
    keys = await read_keys(connection)
    if not keys:
        raise Conflict("nothing has been closed yet: set MOTCUA_CLOSING_KEY to the new key")
    if former is not None:
        _require_in_use(former, keys)
    number, since = keys[-1].number + 1, datetime.now(UTC)
    signature = None
    if former is not None:
        signature = former.hand_over(key.public_key, number, since)
    made = KeyRecord(
        number=number,
        fingerprint=key.fingerprint,
        public_key=key.public_key,
        since=since,
        signature=signature,
        reason=reason,
    )
    await add_key(connection, made)
    details = {"former": keys[-1].fingerprint, "lost": former is None, "reason": reason}
    await record(
        connection,
        replace(by, action=Action.CLOSING_KEY_REPLACED, subject=key.fingerprint, details=details),
    )
    newest = await read_newest(connection)
    if newest is not None:
        key.note(Newest(number=newest.number, seal=newest.seal))
    return made


def _require_in_use(key: SigningKey, keys: Sequence[KeyRecord]) -> None:
    if keys[-1].fingerprint != key.fingerprint:
        raise ConfigurationError(
            f"the key in {key.file} ({key.fingerprint}) is not the one in use "
            f"({keys[-1].fingerprint}): name that one, or hand over by `motcua closing key replace`"
        )
