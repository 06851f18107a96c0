"""Figures as of an earlier time are those that were told then, whatever was corrected since."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from contract.local_time import LOCAL_TIME
from contract.readings import Guard, Reading
from server.complaints.complaints import ComplaintRecord
from server.complaints.store import store_complaints
from server.db.connection import session_conninfo
from server.dossiers.dossiers import DossierRecord, EventKind
from server.dossiers.store import store_events, store_records
from server.periods import Period, Step
from server.procedures.procedures import Channel
from server.procedures.store import Named, register
from server.readings.readings import Breakdown, Question, kpis_named
from server.readings.store import read_readings
from server.scopes import PROVINCE, Scope
from tests.server.asking import ask
from tests.server.dossiers.given import event

pytestmark = pytest.mark.integration

FIRST = datetime(2026, 6, 1, 8, tzinfo=LOCAL_TIME)
BOOKS = ("dossiers", "processing_times", "workload", "complaints")
NOW = datetime(2026, 8, 1, tzinfo=LOCAL_TIME)
JUNE = Period.parse("2026-06", NOW)
QUESTIONS: dict[str, dict[str, Any]] = {
    "a month": {},
    "days": {"step": Step.DAY},
    "a range by unit and day": {
        "period": Period.parse("2026-06-03..2026-07-10", NOW),
        "by": Breakdown.UNIT, "step": Step.DAY,
    },
    "one family by officer": {"scope": Scope.parse("family:ho-tich"), "by": Breakdown.OFFICER},
    "one unit by channel": {"scope": Scope.of_unit("a"), "by": Breakdown.CHANNEL},
    "a year by month": {"period": Period.parse("2026", NOW), "step": Step.MONTH},
}  # fmt: skip


def records(chance: random.Random, count: int, version: int) -> Iterator[DossierRecord]:
    """Return dossiers of June as a system states them at some version: later ones differ."""
    for number in range(count):
        of_dossier = random.Random(number)
        received = FIRST + timedelta(hours=of_dossier.randrange(24 * 28))
        ended = received + timedelta(hours=chance.randrange(1, 400))
        yield DossierRecord(
            code=f"D-{number:03}",
            source="test",
            revision=FIRST + timedelta(days=version),
            procedure=of_dossier.choice(("P-1", "P-2")),
            receiving_unit=of_dossier.choice(("a", "b")),
            resolving_unit=chance.choice(("a", "b")),
            received_at=received,
            channel=chance.choice(tuple(Channel)),
            officer=chance.choice((None, "CB01", "CB02")),
            promised_at=received + timedelta(days=chance.randrange(1, 9)),
            processed_at=chance.choice((None, ended)),
            digitised=chance.choice((None, True, False)),
        )


def complaints(chance: random.Random, version: int) -> Iterator[ComplaintRecord]:
    for number in range(20):
        received = FIRST + timedelta(days=number)
        yield ComplaintRecord(
            id=f"K-{number}",
            source="test",
            revision=FIRST + timedelta(days=version),
            unit=chance.choice(("a", "b")),
            received_at=received,
            resolved_at=chance.choice((None, received + timedelta(days=chance.randrange(40)))),
            satisfied=chance.choice((None, True, False)),
        )


def state(url: str, seed: int) -> None:
    """Store one version of everything: records, some events, complaints."""
    chance = random.Random(seed)

    async def fill(connection: psycopg.AsyncConnection) -> None:
        named = [Named(code="P-1", family="ho-tich"), Named(code="P-2", family="dat-dai")]
        await register(connection, named)
        await store_records(connection, list(records(chance, 40 + 20 * seed, seed)))
        rated = [
            replace(
                event(EventKind.RATED, "2026-06-29T10:00", code=f"D-{n:03}", score=5), id=f"{seed}"
            )
            for n in range(0, 30, 3)
        ]
        await store_events(connection, rated, "test")
        await store_complaints(connection, list(complaints(chance, seed)))

    ask(url, fill)


def told(url: str, known_at: datetime | None = None) -> dict[str, list[Reading]]:
    """Return what every question gets for an answer, whatever it is that is known by then."""

    async def read(connection: psycopg.AsyncConnection) -> dict[str, list[Reading]]:
        answers = {}
        for name, given in QUESTIONS.items():
            asked = {"scope": PROVINCE, "period": JUNE} | given
            every = kpis_named((), asked["scope"], asked["period"], asked.get("by"), as_known=True)
            # Which opinions would name an officer is judged by what is known today.
            answered = tuple(
                kpi for kpi in every if kpi.source.name in BOOKS and kpi.guard is Guard.NONE
            )
            question = Question(kpis=answered, known_at=known_at, **asked)
            found = await read_readings(connection, question, datetime.now(LOCAL_TIME))
            # The newest time of stored totals stays, whatever is taken back.
            answers[name] = [replace(reading, observed_at=None) for reading in found]
        return answers

    return ask(url, read)


@pytest.fixture
def url(database_url: str) -> str:
    with psycopg.connect(session_conninfo(database_url), autocommit=True) as connection:
        for unit in ("a", "b"):
            connection.execute(
                "INSERT INTO unit (id, name_vi, name_en, accepted) VALUES (%(id)s, 'x', 'x', true)",
                {"id": unit},
            )
        connection.execute("INSERT INTO officer (code, name) VALUES ('CB01', 'x'), ('CB02', 'y')")
        connection.execute(
            "INSERT INTO officer_post (officer, unit, valid_from)"
            " VALUES ('CB01', 'a', '2026-01-01')"
        )
    return database_url


def instant(url: str) -> datetime:
    with psycopg.connect(session_conninfo(url)) as connection:
        (at,) = connection.execute("SELECT clock_timestamp()").fetchone()
    return at


def test_figures_as_of_a_time_are_those_that_were_told_then(url):
    answers: dict[datetime, dict[str, list[Reading]]] = {}
    for version in range(3):
        state(url, version)
        answers[instant(url)] = told(url)
    assert len({str(each) for each in answers.values()}) == 3
    for known_at, then in answers.items():
        again = told(url, known_at)
        for name, expected in then.items():
            assert again[name] == expected, name


def test_before_anything_was_known_there_is_nothing(url):
    before = instant(url)
    state(url, 0)
    assert {each.n for each in told(url, before)["a month"]} == {0}
