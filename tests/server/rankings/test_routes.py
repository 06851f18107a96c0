"""Rankings over the API: members of one kind, from what is stored, kept or counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from server.db.connection import session_conninfo
from server.periods import Period
from server.rankings.jobs import compute_sets, keep_all
from server.rankings.material import RankingQuestion, rank
from server.rankings.measures import Ranked
from server.rankings.store import read_material
from tests.coroutines import run
from tests.server import build
from tests.server.asking import ask, store
from tests.server.requesting import Client

pytestmark = pytest.mark.integration

MORNING = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 20, tzinfo=UTC)
MONTH = "/api/v1/rankings?kpi=share_satisfied&period=2026-10"


def rate(url, unit, satisfied, others, *, counter="quay-1", at=MORNING):
    place = replace(build.HERE, unit=unit, counter=counter)
    scores = [5] * satisfied + [1] * others
    messages = [
        (build.rating(at + timedelta(minutes=index), score, address=place), place)
        for index, score in enumerate(scores)
    ]
    store(url, *messages)


def accept(url, **kinds):
    with psycopg.connect(session_conninfo(url), autocommit=True) as connection:
        connection.execute("UPDATE unit SET accepted = true, kind = 'ward'")
        for unit, kind in kinds.items():
            connection.execute("UPDATE unit SET kind = %s WHERE id = %s", (kind, unit))


def asked(url, path=MONTH):
    answer = Client(url).send("GET", path)
    assert answer.status_code == 200, answer.text
    return {kind["kind"]: kind for kind in answer.json()["kinds"]}


def ranked(url, path=MONTH):
    return {row["member"]: row for kind in asked(url, path).values() for row in kind["rows"]}


def test_units_are_ranked_within_their_kind_and_small_ones_are_not(database_url):
    for unit, satisfied, others in (("a", 119, 1), ("b", 60, 60), ("c", 20, 20), ("d", 5, 5)):
        rate(database_url, unit, satisfied, others)
    rate(database_url, "office", 100, 20)
    accept(database_url, office="department")
    kinds = asked(database_url)
    wards = {row["unit"]: row for row in kinds["ward"]["rows"]}
    assert (wards["a"]["rank"]["median"], wards["b"]["rank"]["median"]) == (1, 2)
    assert "rank" not in wards["c"]
    assert "estimate" in wards["c"]
    assert "estimate" not in wards["d"]
    assert "rank" not in kinds["department"]["rows"][0]
    assert "funnel" in kinds["ward"]
    assert "funnel" not in kinds["department"]
    assert asked(database_url) == kinds


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("kpi=visits&period=2026-10", 404),
        ("period=now", 422),
        ("period=2199-01", 422),
        ("by=procedure&period=2026-10", 422),
        ("scope=subtree:nowhere&period=2026-10", 404),
    ],
)
def test_what_cannot_be_ranked_is_said(database_url, query, status):
    answer = Client(database_url).send("GET", f"/api/v1/rankings?{query}")
    assert answer.status_code == status


def test_what_is_kept_is_what_is_counted_and_late_ratings_count(database_url):
    for unit, satisfied, others in (("a", 119, 1), ("b", 60, 60)):
        rate(database_url, unit, satisfied, others)
    accept(database_url)
    counted = asked(database_url)
    assert run(keep_all(database_url, LATER)) > 0
    assert run(keep_all(database_url, LATER)) == 0
    assert asked(database_url) == counted
    rate(database_url, "b", 30, 0, at=MORNING + timedelta(hours=1))
    assert ranked(database_url)["b"]["n"] == 150
    assert run(keep_all(database_url, LATER)) > 0
    assert ranked(database_url)["b"]["n"] == 150


def test_counters_are_ranked_and_of_one_unit_alone_where_asked(database_url):
    for unit in ("a", "b"):
        rate(database_url, unit, 110, 10)
        rate(database_url, unit, 60, 60, counter="quay-2")
    accept(database_url)
    assert set(ranked(database_url, f"{MONTH}&by=counter")) == {
        "a/quay-1", "a/quay-2", "b/quay-1", "b/quay-2",
    }  # fmt: skip
    within = ranked(database_url, f"{MONTH}&by=counter&scope=subtree:b")
    assert set(within) == {"b/quay-1", "b/quay-2"}
    assert within["b/quay-1"]["rank"]["high"] == 1
    run(keep_all(database_url, LATER))
    assert ranked(database_url, f"{MONTH}&by=counter&scope=subtree:b") == within


def test_more_ratings_than_people_are_suspect_and_lift_nobody(database_url):
    for unit in ("a", "b"):
        for hour in range(3):
            at = MORNING + timedelta(hours=hour)
            rate(database_url, unit, 30, 10, at=at)
            place = replace(build.HERE, unit=unit)
            served = [
                build.visit(at + timedelta(seconds=i), 60.0, address=place) for i in range(40)
            ]
            store(database_url, *((visit, place) for visit in served))
    accept(database_url)
    honest = ranked(database_url)
    at = MORNING + timedelta(hours=5)
    place = replace(build.HERE, unit="a")
    store(database_url, (build.visit(at, 60.0, address=place), place))
    rate(database_url, "a", 25, 0, at=at)
    stuffed = ranked(database_url)
    assert stuffed["a"]["suspect_n"] == 25
    assert stuffed["a"]["rank"] == honest["a"]["rank"]
    assert stuffed["a"]["with_suspect"] == pytest.approx(115 / 145)


def test_a_unit_that_was_not_there_all_the_month_is_marked(database_url):
    for unit in ("a", "b", "gone"):
        rate(database_url, unit, 100, 20)
    accept(database_url)
    with psycopg.connect(session_conninfo(database_url), autocommit=True) as connection:
        change = "UPDATE unit SET valid_from = %s, valid_to = %s WHERE id = %s"
        connection.execute(change, (date(2026, 10, 4), date(2199, 1, 1), "a"))
        connection.execute(change, (date(2026, 1, 1), date(2026, 10, 20), "gone"))
    rows = ranked(database_url)
    assert (rows["a"]["founded"], rows["a"]["closed"]) == (True, False)
    assert (rows["b"]["founded"], rows["b"]["closed"]) == (False, False)
    assert "gone" not in rows


def test_a_running_period_is_said_to_run(database_url):
    answer = Client(database_url).send("GET", "/api/v1/rankings?period=month")
    assert answer.json()["running"] is True
    assert Client(database_url).send("GET", MONTH).json()["running"] is False


def test_confidence_sets_stand_beside_ranks_until_counts_change(database_url):
    for unit, satisfied, others in (("a", 119, 1), ("b", 60, 60)):
        rate(database_url, unit, satisfied, others)
    accept(database_url)
    assert run(compute_sets(database_url, LATER)) == 2
    rows = ranked(database_url)
    assert rows["a"]["confidence_set"] == {"low": 1, "high": 1}
    assert rows["b"]["confidence_set"] == {"low": 2, "high": 2}
    rate(database_url, "b", 1, 0, at=MORNING + timedelta(hours=1))
    assert "confidence_set" not in ranked(database_url)["b"]


def test_explanation_is_said_in_both_languages(database_url):
    for unit, satisfied, others in (("a", 119, 1), ("b", 60, 60)):
        rate(database_url, unit, satisfied, others)
        rate(database_url, unit, 90, 30, at=MORNING - timedelta(days=20))
    accept(database_url)
    path = "/api/v1/rankings/explanation?period=2026-10&member="
    found = Client(database_url).send("GET", f"{path}a").json()
    assert "Hạng 1 trên 2" in " ".join(found["vi"]["standing"])
    assert "Rank 1 of 2" in " ".join(found["en"]["standing"])
    assert len(found["vi"]["change"]) == len(found["en"]["change"]) == 2
    assert Client(database_url).send("GET", f"{path}nobody").status_code == 404


def test_officers_are_ranked_for_whoever_may_see_them(database_url):
    with psycopg.connect(session_conninfo(database_url), autocommit=True) as connection:
        connection.execute(
            "INSERT INTO unit (id, kind, name_vi, name_en, accepted)"
            " VALUES ('a', 'ward', 'A', 'A', true)"
        )
        for officer, k in (("CC-01", 190), ("CC-02", 120), ("", 150)):
            connection.execute(
                "INSERT INTO rating_hourly (unit, counter, hour, officer, family, score_1, score_2,"
                " score_3, score_4, score_5, newest)"
                " VALUES ('a', 'quay-1', %s, %s, '', %s, 0, 0, 0, %s, %s)",
                (MORNING, officer, 200 - k, k, MORNING),
            )
    question = RankingQuestion(
        kpi="share_satisfied", period=Period.parse("2026-10", LATER), by=Ranked.OFFICER
    )

    def told():
        return ask(database_url, lambda connection: read_material(connection, question, LATER))

    tables = run(rank(told()))
    assert [row.member for row in tables["ward"].rows] == ["CC-01", "CC-02"]
    assert [row.rank.median for row in tables["ward"].rows] == [1, 2]
    run(keep_all(database_url, LATER))
    assert run(rank(told()))["ward"].rows == tables["ward"].rows
    refused = Client(database_url).send("GET", f"{MONTH}&by=officer")
    assert refused.status_code == 403


def test_procedures_are_ranked_within_their_family(database_url):
    with psycopg.connect(session_conninfo(database_url), autocommit=True) as connection:
        connection.execute(
            "INSERT INTO unit (id, kind, name_vi, name_en, accepted)"
            " VALUES ('a', 'ward', 'A', 'A', true)"
        )
        connection.execute("INSERT INTO procedure_family VALUES ('civil', 'Hộ tịch', 'Civil')")
        for code, late in (("1.01", 10), ("1.02", 70)):
            connection.execute(
                "INSERT INTO procedure (code, family, name_vi, name_en)"
                " VALUES (%s, 'civil', 'Thủ tục', 'Procedure')",
                (code,),
            )
            connection.execute(
                "INSERT INTO dossier (code, source, revision, digest, procedure, receiving_unit,"
                " resolving_unit, channel, received_at, family, begun_at, ended_at, counted,"
                " timeliness, requests, waits_for_citizen)"
                " SELECT %(code)s || number, 'x', %(at)s, 0, %(code)s, 'a', 'a', 'direct', %(at)s,"
                " 'civil', %(at)s, %(at)s, true,"
                " CASE WHEN number <= %(late)s THEN 'after' ELSE 'on' END, 0, false"
                " FROM generate_series(1, 200) AS number",
                {"code": code, "late": late, "at": MORNING},
            )
    path = "/api/v1/rankings?kpi=dossiers_on_time&period=2026-10&by=procedure"
    kinds = asked(database_url, path)
    assert kinds["civil"]["name_vi"] == "Hộ tịch"
    assert [row["member"] for row in kinds["civil"]["rows"]] == ["1.01", "1.02"]
    assert [row["rank"]["median"] for row in kinds["civil"]["rows"]] == [1, 2]
    run(keep_all(database_url, LATER))
    assert asked(database_url, path) == kinds


def test_what_would_take_too_long_to_count_is_said_and_kept_for_later(database_url):
    with psycopg.connect(session_conninfo(database_url), autocommit=True) as connection:
        connection.execute(
            "INSERT INTO unit (id, kind, name_vi, name_en, accepted)"
            " SELECT 'unit-' || number, 'ward', 'A', 'A', true"
            " FROM generate_series(1, 160) AS number"
        )
        connection.execute(
            "INSERT INTO rating_hourly (unit, counter, hour, officer, family, score_1, score_2,"
            " score_3, score_4, score_5, newest)"
            " SELECT 'unit-' || number, 'quay-1', %(at)s, '', '', 20, 0, 0, 0, 100, %(at)s"
            " FROM generate_series(1, 160) AS number",
            {"at": MORNING},
        )
    answer = Client(database_url).send("GET", MONTH)
    assert answer.status_code == 503
    assert "160 months of units" in answer.json()["detail"]
    run(keep_all(database_url, LATER))
    assert len(ranked(database_url)) == 160
