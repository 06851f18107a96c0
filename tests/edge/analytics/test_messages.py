"""What has ended, as messages that the contract accepts."""

from __future__ import annotations

import pytest

from contract.codec import decode, encode
from contract.messages import WaitOutcome
from contract.topics import STREAM_OF, Address
from edge.analytics.messages import make_message
from edge.analytics.visits import EndedVisit, EndedWait
from edge.analytics.windows import EndedWindow

from .people import at, timed

DEVICE = Address(unit="phuong-test", counter="quay-1", device="edge-1")
OTHERS = (
    Address(unit="phuong-test", counter="quay-1", device="edge-2"),
    Address(unit="phuong-test", counter="quay-2", device="edge-1"),
    Address(unit="xa-test", counter="quay-1", device="edge-1"),
)

VISIT = EndedVisit(
    zone="counter",
    track_id=7,
    started_at=at(0),
    ended_at=at(30),
    wait_s=12.34567,
    readings=tuple(timed(s, positive=0.2 if s < 15 else 0.8) for s in range(30)),
    complete=True,
)
WAIT = EndedWait(
    zone="bench", track_id=7, started_at=at(0), ended_at=at(9.5), outcome=WaitOutcome.LEFT
)
WINDOW = EndedWindow(
    ended_at=at(5), window_s=5, frames=48, queue_length=None, people_present=0, expression=None
)


@pytest.mark.parametrize("ended", [VISIT, WAIT, WINDOW], ids=["visit", "wait", "window"])
def test_messages_survive_the_wire(ended):
    message = make_message(DEVICE, ended)
    assert decode(STREAM_OF[type(message)], encode(message)) == message
    assert message.seq == 0


@pytest.mark.parametrize("ended", [VISIT, WAIT, WINDOW], ids=["visit", "wait", "window"])
def test_the_same_event_has_the_same_identity_on_one_device_only(ended):
    assert make_message(DEVICE, ended).id == make_message(DEVICE, ended).id
    assert len({make_message(address, ended).id for address in (DEVICE, *OTHERS)}) == 4


def test_a_visit_tells_service_wait_and_change():
    message = make_message(DEVICE, VISIT)
    assert (message.service_s, message.wait_s) == (30, 12.346)
    assert message.expression.readings == 30
    assert message.expression_change == pytest.approx(0.6)
    assert message.observed_at == at(30)


def test_missing_counts_are_left_out_and_zero_is_said():
    payload = encode(make_message(DEVICE, WINDOW))
    assert b"queue_length" not in payload
    assert b'"people_present":0' in payload
    assert make_message(DEVICE, WINDOW).fps == 9.6
