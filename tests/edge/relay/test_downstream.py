"""What a message from the server does to the store, and that none can stop the relay."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
import structlog.testing

from contract.codec import encode
from contract.messages import Ack, Rating
from contract.topics import Address, Stream
from edge.relay.downstream import DownstreamHandler, DownstreamResult
from edge.store.outbox import Outbox

ADDRESS = Address(unit="phuong-test", counter="quay-1", device="edge-1")
NOW = datetime(2026, 10, 5, 8, 30, tzinfo=UTC)
ENVELOPE = {
    "id": "0199b2f4-6c00-7000-8000-000000000001",
    "device": "edge-1",
    "seq": 0,
    "observed_at": "2026-10-05T08:29:00Z",
    "schema": 1,
}


@pytest.fixture
def outbox(tmp_path):
    with Outbox.open(tmp_path / "edge.sqlite3", max_rows=1000, reserve_mb=0) as opened:
        yield opened


@pytest.mark.parametrize(
    ("stream", "fields"),
    [
        (Stream.CONFIG, {"version": 3, "schema": 99}),
        (Stream.CONFIG, {"version": 3, "device": "edge-2"}),
        (Stream.CONFIG, {"version": 10**20}),
        (Stream.CONFIG, {"version": 2**63}),
        (Stream.CONFIG, {"version": 3, "kiosk_notice": "\ud800"}),
        (Stream.CONFIG, {"version": 3, "kiosk_reset_s": 1e400}),
        (Stream.COMMAND, {"name": "show_prompt", "expires_at": "soon"}),
        (Stream.COMMAND, {"name": "reboot", "expires_at": "2026-10-05T09:00:00Z"}),
        (Stream.ACK, {"committed_at": "2026-10-05T08:29:00Z", "ids": ["x"]}),
        (Stream.RATING, {"score": 3}),
    ],
)
def test_what_cannot_be_applied_is_logged_and_changes_nothing(outbox, stream, fields):
    payload = json.dumps(ENVELOPE | fields).encode()
    with structlog.testing.capture_logs() as logs:
        result = DownstreamHandler(outbox, ADDRESS).handle(ADDRESS.topic(stream), payload, now=NOW)
    assert result == DownstreamResult()
    assert [entry["event"] for entry in logs] == ["downstream_refused"]
    assert outbox.config() is None
    assert outbox.pending_prompt(now=NOW) is None


@pytest.mark.parametrize(
    "expires_at", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z"]
)
def test_a_command_may_expire_at_any_time_that_can_be_written(outbox, expires_at):
    payload = json.dumps(ENVELOPE | {"name": "show_prompt", "expires_at": expires_at}).encode()
    DownstreamHandler(outbox, ADDRESS).handle(ADDRESS.topic(Stream.COMMAND), payload, now=NOW)
    assert (outbox.pending_prompt(now=NOW) is None) == expires_at.startswith("0001")


def test_a_message_for_another_device_is_refused(outbox):
    other = Address(unit="phuong-test", counter="quay-2", device="edge-1")
    payload = json.dumps(ENVELOPE | {"version": 3}).encode()
    DownstreamHandler(outbox, ADDRESS).handle(other.topic(Stream.CONFIG), payload, now=NOW)
    assert outbox.config() is None


def test_what_the_server_holds_stays_in_the_outbox(outbox):
    rating = Rating(**{**ENVELOPE, "id": UUID(ENVELOPE["id"]), "observed_at": NOW}, score=5)
    outbox.append(rating)
    ack = Ack(schema=1, device="edge-1", committed_at=NOW, held=(rating.id,))
    handler = DownstreamHandler(outbox, ADDRESS)
    result = handler.handle(ADDRESS.topic(Stream.ACK), encode(ack), now=NOW)
    assert result == DownstreamResult(held=(rating.id,))
    assert outbox.depth() == 1
