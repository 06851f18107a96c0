"""What each client is sent: its own scope, in order, and the whole when it falls behind."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from server.live.fanout import LONGEST_QUEUE, REMEMBERED, FanOut, Subscription
from server.live.snapshots import SnapshotCache
from server.scopes import PROVINCE, Scope
from tests.server.live.test_snapshots import NOW, cache_of, online, rated, unit


class Province:
    """A cache with its fan-out; `rate` is the only thing that happens."""

    def __init__(self) -> None:
        self.cache: SnapshotCache = cache_of(
            unit("a"), unit("b"), unit("a1", "a"), connections=[online("a")]
        )
        self.fresh = True
        self.fanout = FanOut(self.cache, lambda: self.fresh)

    def rate(self, name: str, n: int, *, heartbeat: bool = False) -> None:
        facts = {"ratings": [rated(name, n)]}
        delta = self.cache.change(frozenset({name}), facts, NOW, with_time=False)
        self.fanout.send(delta, heartbeat=heartbeat)


@pytest.fixture
def province() -> Province:
    return Province()


def taken(subscription: Subscription) -> list[dict]:
    """Return every message that is ready."""

    return [json.loads(text) for text in iter(subscription.take, None)]


def values(message: dict) -> dict[str, float]:
    return {
        r["scope"]: r["value"]
        for r in message["readings"]
        if r["kpi"] == "ratings" and "value" in r
    }


def test_first_message_is_the_whole_scope_with_its_places(province):
    with province.fanout.subscribed(Scope.subtree("a"), None) as subscription:
        (whole,) = taken(subscription)
    assert "since" not in whole
    assert [place["scope"] for place in whole["places"]] == ["subtree:a", "subtree:a1"]
    assert {reading["scope"] for reading in whole["readings"]} == {"subtree:a", "subtree:a1"}


def test_change_reaches_those_whom_it_concerns_and_continues_what_they_hold(province):
    with (
        province.fanout.subscribed(PROVINCE, None) as everything,
        province.fanout.subscribed(Scope.subtree("b"), None) as other,
    ):
        (whole,), _ = taken(everything), taken(other)
        province.rate("a1", 4)
        (change,) = taken(everything)
        assert taken(other) == []
        assert change["since"] <= whole["revision"] < change["revision"]
        assert values(change) == {"province": 4, "subtree:a": 4, "subtree:a1": 4}
        province.rate("b", 1)
        (own,) = taken(other)
        assert values(own) == {"subtree:b": 1}


def test_beat_carries_the_servers_clock_where_nothing_changed(province):
    with province.fanout.subscribed(Scope.subtree("b"), None) as subscription:
        taken(subscription)
        province.rate("a", 1, heartbeat=True)
        (heartbeat,) = taken(subscription)
        assert (heartbeat["readings"], heartbeat["observed"]) == ([], {})
        assert heartbeat["computed_at"]


def test_message_is_made_once_for_all_clients_of_a_scope(province):
    with (
        province.fanout.subscribed(PROVINCE, None) as one,
        province.fanout.subscribed(PROVINCE, None) as other,
    ):
        assert one.take() is other.take() is not None
        province.rate("a", 1)
        assert one.take() is other.take() is not None


def test_client_that_comes_back_continues_from_its_revision(province):
    with province.fanout.subscribed(PROVINCE, None) as subscription:
        held = taken(subscription)[0]["revision"]
    for n in range(1, 4):
        province.rate("a", n)
    with province.fanout.subscribed(PROVINCE, held) as subscription:
        (change,) = taken(subscription)
    assert change["since"] == held
    assert change["revision"] == province.cache.revision
    assert values(change)["subtree:a"] == 3


@pytest.mark.parametrize("since", [0, 10**15])
def test_client_with_an_unknown_revision_gets_the_whole(province, since):
    with province.fanout.subscribed(PROVINCE, since) as subscription:
        (whole,) = taken(subscription)
    assert "since" not in whole


def test_client_that_was_away_too_long_gets_the_whole(province):
    held = province.cache.revision
    for n in range(REMEMBERED + 1):
        province.rate("a", n + 1)
    with province.fanout.subscribed(PROVINCE, held) as subscription:
        (whole,) = taken(subscription)
    assert "since" not in whole


def test_client_that_does_not_read_gets_the_whole_and_no_gap(province):
    with province.fanout.subscribed(PROVINCE, None) as subscription:
        taken(subscription)
        for n in range(LONGEST_QUEUE + 5):
            province.rate("a", n + 1)
        whole, *rest = taken(subscription)
        assert "since" not in whole
        assert rest == []
        assert values(whole)["subtree:a"] == LONGEST_QUEUE + 5


def test_old_figures_are_given_to_nobody(province):
    province.fresh = False
    with province.fanout.subscribed(PROVINCE, None) as subscription:
        assert taken(subscription) == []
        province.fresh = True
        province.rate("a", 1)
        (whole,) = taken(subscription)
    assert values(whole)["subtree:a"] == 1


def test_unknown_unit_is_told(province):
    with (
        province.fanout.subscribed(Scope.subtree("nowhere"), None) as subscription,
        pytest.raises(KeyError),
    ):
        taken(subscription)


def test_later_reading_outlasts_an_earlier_time(province):
    """A merged change must not set a reading's time back."""
    held = province.cache.revision
    later = NOW + timedelta(seconds=5)
    for at, n in ((NOW + timedelta(seconds=1), 0), (later, 1)):
        facts = {"connections": [online("a", at)], "ratings": [rated("a", n)] if n else []}
        delta = province.cache.change(frozenset({"a"}), facts, later, with_time=False)
        province.fanout.send(delta, heartbeat=False)
    with province.fanout.subscribed(PROVINCE, held) as subscription:
        (change,) = taken(subscription)
    assert set(change["observed"]["data_age"].values()) == {"2026-10-05T03:00:05Z"}
    assert "ratings" not in change["observed"]


def test_clients_are_counted_and_forgotten(province):
    with province.fanout.subscribed(PROVINCE, None), province.fanout.subscribed(PROVINCE, None):
        assert province.fanout.clients == 2
    assert province.fanout.clients == 0
