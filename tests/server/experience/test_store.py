"""Which visits have a rating, what is due, and what is said where nothing can be learnt."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from contract.readings import Reading, Withheld
from server.db.connection import session_conninfo
from server.experience.jobs import Learnt, learn_all
from server.experience.store import Due, read_month
from server.kpi.catalogue import BY_ID
from server.links.jobs import relink_all
from server.periods import Period
from server.readings.readings import Question
from server.readings.store import read_readings
from server.scopes import PROVINCE
from tests.server import build
from tests.server.asking import ask, store

pytestmark = pytest.mark.integration

NINE = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)  # in Viet Nam
NOW = datetime(2026, 11, 3, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


def visits(*minutes: float) -> list[object]:
    """Visits that end at these minutes, filled up to ten by others in the afternoon."""
    late = [300 + 10 * number for number in range(10 - len(minutes))]
    return [build.visit(at(minute), 60.0) for minute in (*minutes, *late)]


def learn(database_url: str) -> int:
    """Link what has come, learn, and return how many months were learnt."""
    relink_all(database_url)
    learnt = learn_all(database_url)
    assert learnt.waiting == 0
    return learnt.months


def scores(database_url: str) -> list[int]:
    relink_all(database_url)
    due = Due(kind="unknown", month=date(2026, 10, 1), visits=0, ratings=0)
    with psycopg.connect(session_conninfo(database_url)) as connection:
        return read_month(connection, due).visits.score.tolist()


def index(database_url: str) -> Reading:
    with psycopg.connect(session_conninfo(database_url), autocommit=True) as connection:
        connection.execute("UPDATE unit SET accepted = true")
    period = Period.parse("2026-10", NOW)
    question = Question(kpis=(BY_ID["experience_index"],), scope=PROVINCE, period=period)
    (found,) = ask(database_url, lambda connection: read_readings(connection, question, NOW))
    return found


def test_a_visit_has_the_rating_that_is_linked_with_it(database_url):
    store(database_url, *visits(0, 5, 10), build.rating(at(5.5), 2))
    assert scores(database_url) == [0, 2, 0] + [0] * 7


def test_two_ratings_of_one_visit_are_none(database_url):
    store(database_url, *visits(0, 10), *(build.rating(at(minute), 4) for minute in (0.5, 0.6)))
    assert scores(database_url) == [0] * 10


def test_month_waits_until_its_ratings_are_linked(database_url):
    store(database_url, *visits(0), build.rating(at(0.5), 5))
    assert learn_all(database_url) == Learnt(waiting=1)
    assert learn(database_url) == 1


def test_visits_count_in_whole_groups_of_a_units_first(database_url):
    store(database_url, *visits(0), build.visit(at(500)), build.rating(at(500.5), 1))
    assert scores(database_url) == [0] * 10


def test_only_ratings_and_no_visit_give_no_index(database_url):
    store(database_url, *(build.rating(at(minute), 5) for minute in range(40)))
    assert learn(database_url) == 0
    assert index(database_url).withheld is Withheld.NO_DATA


def test_too_few_ratings_of_a_kind_are_said_and_not_guessed_from(database_url):
    ends = [3 * number for number in range(40)]
    store(
        database_url,
        *(build.visit(at(minute), 60.0, expression=build.mix(0.7)) for minute in ends),
        *(build.rating(at(minute + 0.5), 5) for minute in ends[:29]),
    )
    assert learn(database_url) == 1
    told = index(database_url)
    assert (told.value, told.withheld, told.n) == (None, Withheld.SMALL_SAMPLE, 40)


def test_one_rating_more_is_learnt_from_at_the_next_night(database_url):
    ends = [3 * number for number in range(40)]
    store(
        database_url,
        *(build.visit(at(minute), 60.0) for minute in ends),
        *(build.rating(at(minute + 0.5), 5) for minute in ends[:29]),
    )
    assert (learn(database_url), learn(database_url)) == (1, 0)
    store(database_url, build.rating(at(ends[29] + 0.5), 1))
    assert learn(database_url) == 1
    told = index(database_url)
    assert told.value is not None
    assert told.low < told.value < told.high
    assert told.parts["rated"] == pytest.approx(30 / 40)
    assert told.parts["least"] == pytest.approx(100 * 29 / 40)
    assert told.parts["most"] == pytest.approx(100 * 39 / 40)


def test_a_month_without_its_first_messages_is_learnt_from_the_others_and_says_since_when(
    database_url,
):
    ends = [3 * number for number in range(40)]
    later = [minute + 60 * 24 * 14 for minute in ends]
    store(
        database_url,
        *(build.visit(at(minute), 60.0) for minute in ends + later),
        *(build.rating(at(minute + 0.5), 5) for minute in ends[:35] + later[:35]),
    )
    keep_from(database_url, "2026-10-15")
    assert learn(database_url) == 1
    told = index(database_url)
    assert (told.since, told.n) == (date(2026, 10, 15), 40)
    assert told.parts["rated"] == pytest.approx(35 / 40)
    store(database_url, build.rating(at(later[35] + 0.5), 5))
    assert learn(database_url) == 1
    # What was learnt from more days stays, and what is gone as a whole is not tried.
    keep_from(database_url, "2026-10-20")
    store(database_url, build.rating(at(later[36] + 0.5), 5))
    assert learn(database_url) == 0
    assert index(database_url).since == date(2026, 10, 15)


def keep_from(database_url: str, day: str) -> None:
    with psycopg.connect(session_conninfo(database_url), autocommit=True) as connection:
        connection.execute("UPDATE raw_horizon SET kept_from = %s", (f"{day}T00:00:00+07",))
