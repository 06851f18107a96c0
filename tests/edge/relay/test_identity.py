"""Another unit of the same name is recognised by what it says on this one's own topic."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from contract.messages import Health
from contract.problems import ProblemCode
from edge.health import Speaker, compose_offline
from edge.relay.identity import SHARED_FOR_S, IdentityWatch

NOW = datetime(2026, 10, 5, 8, 30, tzinfo=UTC)
OURS, THEIRS = UUID(int=1), UUID(int=2)


def said(run: UUID, number: int) -> Health:
    at = NOW + timedelta(seconds=number)
    speaker = Speaker(run=run, local_address="10.0.0.7")
    return compose_offline(device="edge-1", session=UUID(int=9), now=at, speaker=speaker)


def watch(*, spoken: bool = True) -> IdentityWatch:
    identity = IdentityWatch("edge-1", OURS)
    if spoken:
        identity.note_spoken(NOW)
    return identity


def test_another_unit_that_speaks_again_and_again_is_named_with_its_address():
    identity = watch()
    identity.note_heard(said(THEIRS, 1), 1)
    assert identity.problem(1) is None
    identity.note_heard(said(THEIRS, 2), 2)
    problem = identity.problem(2)
    assert problem is not None
    assert problem.code == ProblemCode.IDENTITY_SHARED
    assert problem.parameters == {"device": "edge-1", "addresses": "10.0.0.7"}
    assert identity.problem(2 + SHARED_FOR_S + 1) is None


def test_our_own_voice_and_that_of_our_last_run_are_nobody_else():
    identity = watch()
    for number in range(5):
        identity.note_heard(said(OURS, number), number)
    last_will = said(THEIRS, 7)
    identity.note_heard(last_will, 7)
    identity.note_heard(last_will, 8)
    assert identity.problem(8) is None


def test_what_a_broker_kept_on_its_disk_of_earlier_runs_is_nobody_else():
    identity = watch()
    for number in range(5):
        identity.note_heard(said(UUID(int=number + 2), -number), number)
    assert identity.problem(5) is None


def test_what_was_said_before_we_spoke_tells_nothing():
    identity = watch(spoken=False)
    for number in range(5):
        identity.note_heard(said(THEIRS, number), number)
    assert identity.problem(5) is None
