"""A dossier as a row of its table: the record, and the state that follows from it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, Final

import msgspec

from server.db.literals import literal
from server.dossiers.dossiers import DossierRecord, Supplement
from server.dossiers.states import DossierState
from server.procedures.procedures import Channel

_JSON: Final = msgspec.json.Encoder()

_STATED = (
    "code", "source", "revision", "procedure", "receiving_unit", "resolving_unit", "area_unit",
    "channel", "received_at", "promised_at", "accepted_at", "processed_at", "returned_at",
    "handed_out_at", "stopped_at", "refused_at", "withdrawn_at", "fee_due", "paid_online",
    "digitised", "result_digitised", "data_reused", "identity_verified", "applicant", "ticket",
)  # fmt: skip
_FOLLOWING = (
    "officer", "ended_at", "ended_by", "counted", "due_at", "overdue_at", "soon_from",
    "timeliness", "days", "requests", "waits_for_citizen", "apologised_at", "score",
)  # fmt: skip
_STATED_VALUES = attrgetter(*_STATED, "officer", "supplements")
_CONTENT = attrgetter(
    *(name for name in _STATED if name not in ("revision", "ticket")), "officer", "supplements"
)
_FOLLOWING_VALUES = attrgetter(*_FOLLOWING, "received_at", "handed_out_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedDossier:
    """A record with its state, and the family of its procedure."""

    record: DossierRecord
    digest: int
    state: DossierState
    family: str | None


def digest_of(record: DossierRecord) -> int:
    """Return a number that stands for what the record states: of two revisions of the same time
    the one with the greater number counts, so that the order in which they come does not.
    """
    # What is said without a ticket has the number that it had before there were any.
    told = _CONTENT(record) if record.ticket is None else (*_CONTENT(record), record.ticket)
    content = _JSON.encode(told)
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), signed=True)


def following(dossier: StatedDossier) -> tuple[Any, ...]:
    """Return what follows from a record and its events, as the row of the table holds it."""
    return (dossier.family, *_FOLLOWING_VALUES(dossier.state))


def columns(dossiers: Sequence[StatedDossier]) -> dict[str, str]:
    """Return the parameters of the INSERT for these dossiers (at least one)."""
    stated = zip(*(_STATED_VALUES(each.record) for each in dossiers), strict=True)
    following = zip(*(_FOLLOWING_VALUES(each.state) for each in dossiers), strict=True)
    values: dict[str, Sequence[Any]] = dict(
        zip((*_STATED, "stated_officer", "supplements"), stated, strict=True)
    )
    values |= dict(zip((*_FOLLOWING, "begun_at", "result_at"), following, strict=True))
    values["supplements"] = [_supplements(each) for each in values["supplements"]]
    values["digest"] = [each.digest for each in dossiers]
    values["family"] = [each.family for each in dossiers]
    return {name: literal(column) for name, column in values.items()}


def record_of(row: Sequence[Any]) -> DossierRecord:
    """Return the record in a row of the statement `stored_records`."""
    values: dict[str, Any] = dict(zip(_STORED, row, strict=True))
    values["channel"] = Channel(values["channel"])
    values["supplements"] = tuple(map(_supplement, values["supplements"] or ()))
    return DossierRecord(**values)


_STORED = (
    "code", "source", "revision", "procedure", "receiving_unit", "resolving_unit", "received_at",
    "channel", "officer", "area_unit", "promised_at", "accepted_at", "processed_at",
    "returned_at", "handed_out_at", "stopped_at", "refused_at", "withdrawn_at", "supplements",
    "fee_due", "paid_online", "digitised", "result_digitised", "data_reused",
    "identity_verified", "applicant", "ticket",
)  # fmt: skip


def _supplements(supplements: Sequence[Supplement]) -> str | None:
    if not supplements:
        return None
    return _JSON.encode(
        [[each.asked_at, each.answered_at, each.promised_at] for each in supplements]
    ).decode()


def _supplement(dates: Sequence[str | None]) -> Supplement:
    asked, answered, promised = (None if at is None else datetime.fromisoformat(at) for at in dates)
    assert asked is not None
    return Supplement(asked_at=asked, answered_at=answered, promised_at=promised)
