"""Two units with one identity alternate; one that restarts or reconnects does not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from server.ingest.identities import SHARED_FOR_S, IdentityWatch
from tests.server import build

NOW = datetime(2026, 10, 5, 3, 0, tzinfo=UTC)


def heard(runs: Iterable[int | None], *, sessions: Iterable[int] | None = None) -> IdentityWatch:
    """Note a heartbeat of each run, ten seconds apart; every one has a session of its own."""
    watch = IdentityWatch()
    chosen = list(runs)
    names = list(sessions) if sessions is not None else range(100, 100 + len(chosen))
    for number, (run, session) in enumerate(zip(chosen, names, strict=True)):
        at = NOW + timedelta(seconds=10 * number)
        message = build.health(
            at,
            session=UUID(int=session),
            run=None if run is None else UUID(int=run),
            local_address=None if run is None else f"10.0.0.{run}",
        )
        watch.note(build.HERE, message, 10.0 * number)
    return watch


def test_two_units_with_one_identity_are_recognised_with_their_addresses():
    watch = heard([1, 2, 1, 2])
    assert watch.shared(40) == {build.HERE: ("10.0.0.1", "10.0.0.2")}
    assert watch.shared(40 + SHARED_FOR_S) == {}


def test_restarts_and_reconnections_of_one_unit_are_not_two():
    assert heard([1, 1, 2, 2, 3, 3, 4]).shared(70) == {}
    assert heard([1, 1, 1, 1]).shared(40) == {}


def test_units_that_name_no_run_are_told_apart_by_their_sessions():
    assert heard([None] * 4, sessions=[1, 2, 1, 2]).shared(40) == {build.HERE: ()}
    assert heard([None] * 4, sessions=[1, 2, 3, 4]).shared(40) == {}


def test_heartbeats_that_a_broker_delivers_again_are_nobody_else():
    watch = IdentityWatch()
    old, new = (
        build.health(NOW + timedelta(seconds=10 * number), run=UUID(int=number))
        for number in (1, 2)
    )
    for number, message in enumerate([old, new, old, new, old, new]):
        watch.note(build.HERE, message, float(number))
    assert watch.shared(6) == {}
