"""Periods are closed once, and restated with a cause when something comes late."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import AsyncConnection

from server.audit.commands import command_entry
from server.audit.entries import Action
from server.closing import versions
from server.closing.canonical import canonical
from server.closing.closings import Closing
from server.closing.commands import resume, verify_all
from server.closing.documents import Document, document
from server.closing.editions import Edition, edition_of
from server.closing.jobs import restate_all
from server.closing.keys import SigningKey, make_key, open_key
from server.closing.restatements import Restated, restate
from server.closing.settings import ClosingSettings
from server.closing.signing import hand_over
from server.closing.store import read_closings, read_document, read_version
from server.closing.versions import close_period
from server.db.connection import async_session, session_conninfo
from server.errors import ConfigurationError, Conflict, PeriodInvalid, ServerError
from server.periods import Period
from tests import coroutines
from tests.server import build
from tests.server.access.office import OWN
from tests.server.asking import store
from tests.server.closing.province import (
    AT,
    OCTOBER,
    RATINGS,
    SCHEMES,
    furnish,
    on,
    settle_counting,
    signing,
    verified,
)
from tests.server.schemes.province import execute

pytestmark = pytest.mark.integration

LATE = AT + timedelta(hours=1)
PLACE = replace(build.HERE, unit=OWN)


@pytest.fixture
def province(database_url, tmp_path) -> str:
    furnish(database_url, tmp_path)
    return database_url


@pytest.fixture
def key(tmp_path) -> SigningKey:
    return make_key(tmp_path / "closing.key")


def close(database_url: str, key: SigningKey, period: Period = OCTOBER, **given: bool) -> Closing:
    return on(database_url, lambda c: close_period(c, period, signing(key), **given))


def restated(database_url: str, key: SigningKey, reason: str = "") -> Restated:
    return on(database_url, lambda c: restate(c, OCTOBER, signing(key), reason=reason))


def figure(database_url: str, version: int, kpi: str, scope: str) -> dict[str, Any]:
    async def work(connection: AsyncConnection) -> dict[str, Any]:
        found = await read_version(connection, "2026-10", version=version)
        figures = (await read_document(connection, found.number)).read()["figures"]
        return next(
            each for each in figures["readings"] if (each["kpi"], each["scope"]) == (kpi, scope)
        )

    return on(database_url, work)


def refusal(kind: type[ServerError], work: Any) -> str:
    with pytest.raises(kind) as raised:
        work()
    said = str(raised.value)
    assert "\n" not in said
    return said


def test_late_data_make_a_version_with_cause_rows_and_difference(province, key):
    first = close(province, key)
    assert restated(province, key) == Restated()
    place = f"subtree:{OWN}"
    # The unit is no more when its last ratings come.
    execute(province, "UPDATE unit SET valid_to = '2026-11-15' WHERE id = %s", OWN)
    store(province, *((build.rating(LATE + timedelta(seconds=99 * n), 1), PLACE) for n in range(5)))
    settle_counting(province)
    due = verified(province)
    assert due.faults == []
    assert "a restatement is due: reading" in due.notices[-1]
    assert figure(province, 1, "ratings", place)["n"] == RATINGS
    settings = ClosingSettings(key=key.file)
    assert coroutines.run(restate_all(province, settings, SCHEMES)) == 1
    assert figure(province, 1, "ratings", place)["n"] == RATINGS
    assert figure(province, 2, "ratings", place)["n"] == RATINGS + 5
    found = on(province, read_closings)
    assert [each.version for each in found] == [1, 2]
    assert found[1].previous == first.seal
    assert found[1].cause["rows"]["rating"] == {"2026-10-05": 5}
    change = next(each for each in found[1].changes if each["of"] == f"reading ratings of {place}")
    assert (change["before"]["n"], change["after"]["n"]) == (RATINGS, RATINGS + 5)
    told = verified(province)
    assert (told.faults, told.notices) == ([], [])
    assert coroutines.run(restate_all(province, settings, SCHEMES)) == 0
    edition = on(province, lambda c: edition_of(c, OCTOBER))
    assert edition == Edition(
        period="2026-10",
        version=2,
        closed_at=found[1].closed_at,
        digest=found[1].digest.hex(),
    )
    at = found[0].closed_at
    assert on(province, lambda c: read_version(c, "2026-10", as_of=at)).version == 1


def test_a_closing_of_the_former_format_verifies_and_is_restated_in_the_present_one(
    province, key, monkeypatch
):
    with monkeypatch.context() as before:
        before.setattr(versions, "document", without_parts)
        before.setattr(versions, "add_parts", nothing_added)
        close(province, key)
    told = verified(province)
    assert (told.faults, told.notices) == ([], [])
    assert restated(province, key) == Restated()
    store(province, *((build.rating(LATE + timedelta(seconds=99 * n), 1), PLACE) for n in range(5)))
    settle_counting(province)
    made = restated(province, key).closing
    assert made is not None
    assert not any("officers' figures" in each["of"] for each in made.changes)
    said = on(province, lambda c: read_document(c, made.number)).read()
    assert (said["format"], bool(said["figures"]["parts"])) == (3, True)
    assert verified(province).faults == []


def without_parts(*given: Any) -> Document:
    """Return the document as the format before had it."""
    said = document(*given).read() | {"format": 1}
    for name in ("parts", "procedures"):
        said["figures"].pop(name)
    return Document(content=canonical(said))


async def nothing_added(*_given: Any) -> None:
    """Store no part, as the format before did."""


def test_what_was_changed_is_not_taken_over_but_with_a_reason(province, key):
    close(province, key)
    execute(province, "DELETE FROM rating WHERE score = 1 AND unit = %s", OWN)
    execute(province, "UPDATE rating_daily SET score_1 = 0 WHERE unit = %s", OWN)
    execute(province, "UPDATE rating_monthly SET score_1 = 0 WHERE unit = %s", OWN)
    store(province, (build.rating(LATE, 5), PLACE))
    settle_counting(province)
    found = restated(province, key)
    assert found.closing is None
    assert found.faults[0].startswith("rating of 2026-10-05: 40 rows were closed, 35 of them")
    again = restated(province, key, "a court ordered their removal").closing
    assert again is not None
    assert again.cause["reason"] == "a court ordered their removal"
    assert again.cause["faults"][0] == found.faults[0]
    assert verified(province).faults == []


def test_what_cannot_be_closed_is_said_in_one_line(province, key):
    period = Period.parse("2026-W40", AT)
    assert "no month, quarter or year" in refusal(
        PeriodInvalid, lambda: close(province, key, period)
    )
    running = Period.parse("month", datetime.now(UTC))
    assert "is not over" in refusal(Conflict, lambda: close(province, key, running))
    execute(province, "INSERT INTO dirty_hour (unit, counter, hour, cause) VALUES "
            "('tu-son', 'quay-1', '2026-10-05T02:00Z', 'roster')")  # fmt: skip
    assert "counted anew" in refusal(Conflict, lambda: close(province, key))
    settle_counting(province)
    execute(
        province,
        "INSERT INTO contest (kind, unit, period, kpi, reason, filed_by, filed_at) VALUES "
        "('figure', 'tu-son', '2026-10-05', 'ratings', 'wrong', 'head', now())",
    )
    assert "open 1 contests" in refusal(Conflict, lambda: close(province, key))
    made = close(province, key, despite=True)
    said = on(province, lambda c: read_document(c, made.number)).read()
    assert said["open"] == {"contests": 1}
    assert "closed already" in refusal(Conflict, lambda: close(province, key))
    # The clock is set back.
    quarter = Period.parse("2026-Q3", AT)
    execute(province, "ALTER TABLE closing DISABLE TRIGGER USER")
    execute(province, "UPDATE closing SET closed_at = now() + interval '1 day'")
    assert "set the clock first" in refusal(Conflict, lambda: close(province, key, quarter))


def test_while_somebody_imports_nothing_is_closed(province, key):
    with psycopg.connect(session_conninfo(province)) as importing:
        importing.execute("LOCK TABLE dossier IN ROW EXCLUSIVE MODE")
        assert "rows are being written" in refusal(Conflict, lambda: close(province, key))
    assert close(province, key).number == 1


def test_of_two_who_close_at_once_one_is_told_so(province, key):
    async def both() -> list[object]:
        async with async_session(province) as one, async_session(province) as other:
            return await asyncio.gather(
                close_period(one, OCTOBER, signing(key)),
                close_period(other, OCTOBER, signing(key)),
                return_exceptions=True,
            )

    found = coroutines.run(both())
    assert {type(each) for each in found} == {Closing, Conflict}
    assert verified(province).closings == 1


def test_a_key_hands_over_to_the_next_one_and_a_lost_one_is_said(province, key, tmp_path):
    close(province, key)
    by = command_entry(Action.CLOSING_KEY_REPLACED)
    second, third = make_key(tmp_path / "second.key"), make_key(tmp_path / "third.key")
    on(province, lambda c: hand_over(c, key, second, by, ""))
    august, september = (Period.parse(f"2026-0{n}", AT) for n in (8, 9))
    assert "is not the one in use" in refusal(
        ConfigurationError, lambda: close(province, key, september)
    )
    close(province, second, september)
    assert verified(province).notices == []
    on(province, lambda c: hand_over(c, None, third, by, "the disk broke"))
    close(province, third, august)
    found = verified(province)
    assert found.faults == []
    assert found.notices == [
        f"key {third.fingerprint} was not handed over by {second.fingerprint}, which was lost: "
        "the disk broke"
    ]
    second.file.unlink()
    assert "is not there: bring it back" in refusal(
        ConfigurationError, lambda: open_key(second.file)
    )


def test_a_backup_older_than_the_newest_closing_is_noticed(province, key, monkeypatch):
    close(province, key)
    for table in ("closing_part", "closing", "closing_key"):
        execute(province, f"ALTER TABLE {table} DISABLE TRIGGER USER")  # type: ignore[arg-type]
    execute(province, "DELETE FROM closing_part")
    execute(province, "DELETE FROM closing")
    execute(province, "DELETE FROM closing_key")
    assert "an older backup was restored" in refusal(Conflict, lambda: close(province, key))
    monkeypatch.setenv("MOTCUA_CLOSING_KEY", str(key.file))
    told = coroutines.apart(verify_all, province).faults
    assert "is not in this database: an older backup was restored" in told[-1]
    assert coroutines.apart(resume, province, "the backup of Monday was restored") is None
    assert close(province, key).number == 1


def test_a_key_that_others_may_read_is_refused(tmp_path):
    file = Path(tmp_path / "closing.key")
    made = make_key(file)
    assert open_key(file).fingerprint == made.fingerprint
    assert "is there already" in refusal(ConfigurationError, lambda: make_key(file))
    file.chmod(0o644)
    assert "chmod 600" in refusal(ConfigurationError, lambda: open_key(file))
    file.chmod(0o600)
    file.write_text("no key")
    assert "no private key" in refusal(ConfigurationError, lambda: open_key(file))
    assert "no key to sign with" in refusal(ConfigurationError, lambda: open_key(None))


HOURS = """
INSERT INTO rating_hourly (unit, counter, hour, officer, family, score_1, score_2, score_3, score_4,
    score_5, newest)
SELECT unit, 'quay-9', hour, '', '', 150 - good, 0, 0, 0, good, hour
FROM (VALUES ('tu-son', 140), ('que-vo', 120)) AS units (unit, good),
    (VALUES ('2026-09-07T02:00:00Z'::timestamptz), ('2026-10-07T02:00:00Z')) AS hours (hour)
"""
SEPTEMBER = Period.parse("2026-09", AT)
EARLIER = "UPDATE rating_hourly SET score_5 = score_5 - 9 WHERE unit = %s AND hour < '2026-10-01'"


def ranked_in_both_months(database_url: str) -> None:
    execute(database_url, "UPDATE unit SET kind = 'ward'")
    execute(database_url, HOURS)
    settle_counting(database_url)


def test_changes_beside_a_period_that_is_closed_are_computed_again(province, key):
    ranked_in_both_months(province)
    close(province, key, SEPTEMBER)
    close(province, key)
    assert verified(province).faults == []
    execute(province, EARLIER, OWN)
    faults = verified(province).faults
    assert "closing 1 (2026-09): rating_daily of 2026-09-07: the rows" in faults[0]
    assert "points, counters and dossiers of province: changes[0].of." in faults[-1]


def test_changes_beside_a_period_that_is_not_closed_rest_on_the_signature(province, key):
    ranked_in_both_months(province)
    close(province, key)
    execute(province, EARLIER, OWN)
    found = verified(province)
    assert found.faults == []
    assert found.notices == [
        "closing 1 (2026-10): changes since 2026-09, which is not closed, are other ones now; they "
        "rest on the signature"
    ]
    assert restated(province, key) == Restated()
    close(province, key, SEPTEMBER)
    assert "were told beside what was not closed yet" in verified(province).notices[-1]
    made = restated(province, key).closing
    assert made is not None
    assert made.cause == {"before": {"period": "2026-09", "version": 1}}
    assert (verified(province).faults, restated(province, key)) == ([], Restated())
