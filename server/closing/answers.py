"""What the API answers about closed periods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contract.readings import Reading
from server.closing.checks import Missing
from server.closing.closings import Closing
from server.closing.keys import KeyRecord
from server.closing.store import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionSeen:
    """One version of a closed period.

    `digest` is the SHA-256 of its document, `seal` that of its place in the chain, `previous` the
    seal before it; all are hexadecimal, as are `key`, the fingerprint, and `signature`. `cause`
    and the number of `changed` figures are of a restatement.
    """

    number: int
    period: str
    version: int
    closed_at: datetime
    known_at: datetime
    closed_by: str
    digest: str
    seal: str
    previous: str
    key: str
    signature: str
    cause: Mapping[str, Any]
    changed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedPeriod:
    """A closed period: the version that was asked for, and all of them, the first one first.

    `changes` are the figures that differ from the version before, of a restatement; they are told
    to whoever may read the whole province. `requests` are what was asked and how it went.
    """

    period: str
    closed: bool
    asked: VersionSeen | None = None
    versions: tuple[VersionSeen, ...] = ()
    changes: tuple[Mapping[str, Any], ...] = ()
    requests: tuple[Request, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedReadings:
    """Readings of a closed period as its `version` has them."""

    period: str
    version: int
    closed_at: datetime
    digest: str
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedRankings:
    """Ranks of a closed period as its `version` has them, by kind as `/rankings` tells them.

    Of funnels within a unit and of those that name officers the widened limits alone are kept.
    """

    period: str
    version: int
    closed_at: datetime
    digest: str
    kpi: str
    by: str
    kinds: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedScores:
    """Points of a closed period as its `version` has them, each with what it rests on."""

    period: str
    version: int
    closed_at: datetime
    digest: str
    scheme: str
    scores: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedDossiers:
    """Counts of dossiers behind statutory tables of a closed period as its `version` has them.

    By unit, and by family within a unit where `family` stands: `now` of the period, `before` of the
    one before it; counts that are zero are left out.
    """

    period: str
    version: int
    closed_at: datetime
    digest: str
    dossiers: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingSeen:
    """What a period lacks before it is closed: by unit contests and appraisals, and what is being
    counted anew.
    """

    period: str
    over: bool
    closed: bool
    contests: Mapping[str, int]
    appraisals: Mapping[str, int]
    recounting: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySeen:
    """A public key, hexadecimal, and since when it signs; `handed_over` by the one before it."""

    fingerprint: str
    public_key: str
    since: datetime
    handed_over: bool
    reason: str


def version_seen(closing: Closing) -> VersionSeen:
    """Return a version as it is answered."""
    return VersionSeen(
        number=closing.number,
        period=closing.period,
        version=closing.version,
        closed_at=closing.closed_at,
        known_at=closing.known_at,
        closed_by=closing.closed_by,
        digest=closing.digest.hex(),
        seal=closing.seal.hex(),
        previous=closing.previous.hex(),
        key=closing.key,
        signature=closing.signature.hex(),
        cause=closing.cause,
        changed=len(closing.changes),
    )


def key_seen(key: KeyRecord) -> KeySeen:
    """Return a key as it is answered."""
    return KeySeen(
        fingerprint=key.fingerprint,
        public_key=key.public_key.hex(),
        since=key.since,
        handed_over=key.signature is not None,
        reason=key.reason,
    )


def missing_seen(period: str, missing: Missing, *, over: bool, closed: bool) -> MissingSeen:
    """Return what is missing as it is answered."""
    return MissingSeen(
        period=period,
        over=over,
        closed=closed,
        contests=missing.contests,
        appraisals=missing.appraisals,
        recounting=missing.recounting,
    )
