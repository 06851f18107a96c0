"""What counts as a change of a scope's figures."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from contract.readings import Reading, Update
from server.webhooks.figures import Figures

NOW = datetime(2026, 11, 2, 3, tzinfo=UTC)


def reading(scope: str, value: float, kpi: str = "ratings", at: datetime = NOW) -> Reading:
    return Reading(
        kpi=kpi, version=1, scope=scope, period="2026-11-02", n=1, value=value, observed_at=at
    )


def update(*readings: Reading, since: int | None = 1, **more: object) -> Update:
    return Update(
        revision=2, since=since, computed_at=NOW, scope="province", readings=readings, **more
    )


def test_only_scopes_that_changed_are_told_with_all_their_readings():
    figures = Figures()
    whole = update(reading("province", 1), reading("a", 1), reading("a", 2, "visits"), since=None)
    assert figures.apply(whole) == {"province", "a"}
    assert figures.apply(update(reading("a", 5), reading("province", 1))) == {"a"}
    (changed,) = figures.of({"a", "gone"})
    assert changed.scope == "a"
    assert {each["kpi"]: each["value"] for each in json.loads(changed.readings)} == {
        "ratings": 5, "visits": 2,
    }  # fmt: skip


def test_a_newer_time_alone_is_no_change_but_is_told_with_the_next():
    figures = Figures()
    later = NOW + timedelta(minutes=5)
    figures.apply(update(reading("a", 1), reading("a", 1, "visits"), since=None))
    assert figures.apply(update(observed={"ratings": {"a": later}})) == set()
    (changed,) = figures.of(figures.apply(update(reading("a", 2, "visits"))))
    told = {each["kpi"]: each["observed_at"] for each in json.loads(changed.readings)}
    assert datetime.fromisoformat(told["ratings"]) == later


def test_a_whole_update_forgets_what_it_does_not_name():
    figures = Figures()
    figures.apply(update(reading("a", 1), reading("b", 1), since=None))
    assert figures.apply(update(reading("a", 1), since=None)) == set()
    assert list(figures.scopes) == ["a"]
