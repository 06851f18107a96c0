"""Dossiers for tests: only what a test cares about has to be named."""

from __future__ import annotations

from datetime import datetime

from contract.local_time import LOCAL_TIME
from server.dossiers.dossiers import DossierRecord, Event, EventKind
from server.procedures.procedures import Procedure

BIRTH = Procedure(code="1.001193", family="ho-tich", name_vi="Khai sinh", name_en="Birth")


def at(text: str) -> datetime:
    """Return the moment in Viet Nam; a day alone is its end, as promised dates are."""
    moment = datetime.fromisoformat(text if "T" in text else f"{text}T23:59:59")
    return moment.replace(tzinfo=LOCAL_TIME)


def record(code: str = "G09.20-20260609-0092637", **fields: object) -> DossierRecord:
    """Return what a system states about a dossier received on Monday, 1 June 2026, at 8:00."""
    given = {
        "source": "test",
        "revision": at("2026-06-01T08:00"),
        "procedure": BIRTH.code,
        "receiving_unit": "vo-cuong",
        "resolving_unit": "vo-cuong",
        "received_at": at("2026-06-01T08:00"),
    }
    return DossierRecord(code=code, **given | fields)


def event(
    kind: EventKind, when: str, *, code: str = "G09.20-20260609-0092637", **fields: object
) -> Event:
    """Return an event of that dossier."""
    moment = at(when)
    given = {"id": f"{kind}-{when}", "revision": moment} | fields
    return Event(code=code, kind=kind, at=moment, **given)
