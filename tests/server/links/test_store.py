"""Links follow what is told of a unit's day, also later, and say so until then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import psycopg
import pytest

from contract.messages import PromptEvent, TicketEvent
from contract.readings import Reading
from server.db.connection import session, session_conninfo
from server.dossiers.dossiers import EventKind
from server.dossiers.store import store_events, store_records
from server.kpi.catalogue import BY_ID
from server.links.jobs import relink_all
from server.links.store import purge
from server.links.verification import verify_links
from server.periods import day_of
from server.procedures.store import Named, register
from server.readings.readings import Question
from server.readings.store import read_readings
from server.scopes import Scope
from tests.server import build
from tests.server.asking import ask, store
from tests.server.dossiers.given import event, record

pytestmark = pytest.mark.integration

NINE = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)
CODE = record().code
LINKED = ("linked_ratings", "linked_visits", "linked_tickets", "ratings_of_dossiers")


def minutes(count: float) -> datetime:
    return NINE + timedelta(minutes=count)


VISIT = build.visit(minutes(6), 240)
RATING = build.rating(minutes(6.5))
TICKETS = (
    build.ticket(minutes(-20), "A1", event=TicketEvent.ISSUED),
    build.ticket(minutes(1), "A1", event=TicketEvent.CALLED, service="khai-sinh"),
    build.ticket(minutes(6), "A1", event=TicketEvent.SERVED),
)


def links(url: str) -> list[tuple]:
    with psycopg.connect(session_conninfo(url)) as connection:
        return connection.execute(
            "SELECT kind, subject, object, rule, confidence, waited_s FROM link ORDER BY kind"
        ).fetchall()


def dossier(url: str, **fields: object) -> None:
    async def fill(connection: psycopg.AsyncConnection) -> None:
        await register(connection, [Named(code=record().procedure)])
        given = {"receiving_unit": "tu-son", "resolving_unit": "tu-son", "received_at": minutes(3)}
        await store_records(connection, [record(**given | {"revision": minutes(4)} | fields)])

    ask(url, fill)


def read(url: str, *names: str) -> dict[str, Reading]:
    asked = Question(
        kpis=tuple(BY_ID[name] for name in names),
        scope=Scope.of_unit("tu-son"),
        period=day_of(NINE),
    )
    readings = ask(url, lambda connection: read_readings(connection, asked, minutes(60)))
    return {reading.kpi: reading for reading in readings}


def test_rating_visit_ticket_and_dossier_are_linked_and_counted(database_url):
    store(database_url, VISIT, RATING, *TICKETS)
    dossier(database_url, ticket="A1")
    assert {each.recounting for each in read(database_url, *LINKED).values()} == {True}
    assert relink_all(database_url) == 1
    assert links(database_url) == [
        ("rating_dossier", str(RATING.id), CODE, "chain", pytest.approx(0.9 * 0.95 * 0.95), None),
        ("rating_visit", str(RATING.id), str(VISIT.id), "tapped_after", 0.9, None),
        ("ticket_dossier", "A1", CODE, "number_of_the_day", 0.95, None),
        ("visit_ticket", str(VISIT.id), "A1", "turn_ended", 0.95, 22 * 60.0),
    ]
    readings = read(database_url, *LINKED)
    assert {name: (each.n, each.value) for name, each in readings.items()} == dict.fromkeys(
        LINKED, (1, 1.0)
    )
    assert {each.recounting for each in readings.values()} == {None}
    assert readings["linked_visits"].parts == {
        "turn_ended": 1.0, "confidence": 0.95, "ambiguous": 0.0, "alone": 0.0,
    }  # fmt: skip


def test_visit_knows_its_procedure_channel_and_wait(database_url):
    store(database_url, VISIT, *TICKETS)
    dossier(database_url, ticket="A1")
    with session(database_url) as connection:
        connection.execute("INSERT INTO ticket_service VALUES ('khai-sinh', 'ho-tich')")
        relink_all(database_url)
        told = connection.execute(
            "SELECT ticket, family, procedure, channel, waited_s FROM linked_visit"
        ).fetchall()
    assert told == [("A1", "ho-tich", record().procedure, "direct", 22 * 60.0)]


def test_order_of_arrival_decides_nothing(database_url):
    prompt = build.prompt(
        minutes(6.4), event=PromptEvent.ANSWERED, visit=VISIT.id, rating=RATING.id
    )
    parts = (
        lambda: store(database_url, VISIT),
        lambda: store(database_url, RATING, prompt),
        lambda: store(database_url, *TICKETS),
        lambda: dossier(database_url, ticket="A1"),
    )
    seen = set()
    with session(database_url) as connection:
        for order in list(permutations(parts))[::5]:
            connection.execute(
                "TRUNCATE visit, rating, prompt, ticket, dossier, link, link_daily, link_due"
            )
            for part in order:
                part()
                relink_all(database_url)
            seen.add(tuple(links(database_url)))
    ((*_, rated, named, _ticket, _visit),) = seen
    assert (rated[3], named[3]) == ("chain", "named")


def test_what_fits_twice_is_counted_as_ambiguous_until_more_is_known(database_url):
    other = build.visit(minutes(9), 170)
    store(database_url, VISIT, other, RATING)
    relink_all(database_url)
    (reading,) = read(database_url, "linked_ratings").values()
    assert (reading.value, reading.parts) == (0.0, {"ambiguous": 1.0, "alone": 0.0})
    asked = build.prompt(minutes(6.4), visit=VISIT.id)
    answered = build.prompt(
        minutes(6.5), event=PromptEvent.ANSWERED, prompt=asked.prompt, rating=RATING.id
    )
    store(database_url, asked, answered)
    relink_all(database_url)
    (reading,) = read(database_url, "linked_ratings").values()
    assert reading.value == 1.0


def test_dossier_that_is_corrected_takes_its_link_along(database_url):
    store(database_url, *TICKETS)
    dossier(database_url, ticket="A1")
    relink_all(database_url)
    assert [each[0] for each in links(database_url)] == ["ticket_dossier"]
    dossier(database_url, ticket=None, revision=minutes(5))
    relink_all(database_url)
    assert links(database_url) == []


def test_online_rating_is_of_its_dossier(database_url):
    def rated(**fields: object) -> None:
        given = {"id": "7", "score": 5} | fields
        told = event(EventKind.RATED, "2026-10-05T10:00", **given)
        ask(database_url, lambda connection: store_events(connection, [told], "test"))

    store(database_url, VISIT)
    rated()
    relink_all(database_url)
    assert links(database_url) == []
    dossier(database_url)
    relink_all(database_url)
    assert links(database_url) == [("rating_dossier", f"{CODE}/7", CODE, "online", 1.0, None)]
    rated(void=True, revision=minutes(90))
    relink_all(database_url)
    assert links(database_url) == []


def test_wrong_links_are_found_and_repaired(database_url):
    store(database_url, VISIT, RATING, *TICKETS)
    relink_all(database_url)
    with session(database_url) as connection:
        assert [day.differences for day in verify_links(connection, repair=False)] == [()]
        connection.execute("UPDATE link SET object = 'A2' WHERE kind = 'visit_ticket'")
        connection.execute("UPDATE link_daily SET subjects = 7 WHERE kind = 'rating_visit'")
        (day,) = verify_links(connection, repair=True)
        assert len(day.differences) == 4
        assert [day.differences for day in verify_links(connection, repair=False)] == [()]


def test_links_go_with_their_raw_rows_and_their_counts_stay(database_url):
    store(database_url, VISIT, *TICKETS)
    relink_all(database_url)
    with session(database_url) as connection:
        connection.execute("UPDATE raw_horizon SET kept_from = '2026-10-06T00:00:00+07'")
        assert purge(connection) == 1
    (reading,) = read(database_url, "linked_visits").values()
    assert reading.n == 1
