"""What ingest understands, and what it refuses with which reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from contract.codec import MAX_PAYLOAD_BYTES, encode
from contract.errors import Refusal
from server.ingest.decoding import TimeLimits, decode_batch
from tests.server import build

NOW = datetime(2026, 10, 5, 3, 0, tzinfo=UTC)
LIMITS = TimeLimits.at(NOW, past_limit_days=366, future_limit_s=300)
TOPIC = "motcua/v1/tu-son/quay-1/edge-1"
RATING = encode(build.rating(NOW))


def decode(topic: str, payload: bytes):
    return decode_batch([(topic, payload)], LIMITS)


@pytest.mark.parametrize(
    ("topic", "payload", "refusal", "word"),
    [
        ("motcua/v2/a/b/c/rating", RATING, Refusal.TOPIC, "motcua/v2"),
        (f"{TOPIC}/gossip", RATING, Refusal.TOPIC, "unknown stream"),
        (f"{TOPIC}/config", RATING, Refusal.TOPIC, "devices read"),
        (f"{TOPIC}/rating", b"{", Refusal.MALFORMED, "rating"),
        (f"{TOPIC}/rating", b"", Refusal.MALFORMED, "rating"),
        (f"{TOPIC}/rating", b"\xff\xfe", Refusal.MALFORMED, "rating"),
        (f"{TOPIC}/rating", b'{"x":' + b"[" * 100_000, Refusal.MALFORMED, "rating"),
        (f"{TOPIC}/rating", b"[]", Refusal.INVALID_FIELD, "object"),
        (f"{TOPIC}/rating", b" " * (MAX_PAYLOAD_BYTES + 1), Refusal.TOO_LARGE, "bytes"),
        (f"{TOPIC}/rating", RATING.replace(b'"score":5', b'"score":6'), Refusal.INVALID_FIELD,
         "score"),
        (f"{TOPIC}/rating", RATING.replace(b'"schema":1', b'"schema":9'),
         Refusal.UNSUPPORTED_SCHEMA, "9"),
        ("motcua/v1/tu-son/quay-1/edge-2/rating", RATING, Refusal.DEVICE_MISMATCH, "edge-2"),
        (f"{TOPIC}/rating", encode(build.rating(NOW + timedelta(seconds=301))), Refusal.FUTURE,
         "clock"),
        (f"{TOPIC}/rating", encode(build.rating(NOW - timedelta(days=367))), Refusal.TOO_OLD,
         "clock"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",  # identifiers are random
)  # fmt: skip
def test_message_is_refused_with_its_reason(topic, payload, refusal, word):
    batch = decode(topic, payload)
    (refused,) = batch.refused
    assert batch.accepted == []
    assert refused.refusal is refusal
    assert word in refused.reason


@pytest.mark.parametrize("offset_s", [-366 * 86_400, -1, 0, 300])
def test_times_within_the_limits_are_accepted(offset_s):
    batch = decode(f"{TOPIC}/rating", encode(build.rating(NOW + timedelta(seconds=offset_s))))
    assert len(batch.accepted) == 1


def test_refused_message_keeps_the_id_that_the_unit_waits_for():
    message = build.rating(NOW)
    payload = encode(message).replace(b'"score":5', b'"score":"good"')
    (refused,) = decode(f"{TOPIC}/rating", payload).refused
    assert refused.message == message.id
    assert refused.address == build.HERE


def test_cleared_retained_topic_is_no_message():
    batch = decode(f"{TOPIC}/health", b"")
    assert (batch.accepted, batch.refused) == ([], [])


def test_one_bad_message_does_not_hold_up_the_rest():
    batch = decode_batch(
        [(f"{TOPIC}/rating", RATING), (f"{TOPIC}/rating", b"?"), (f"{TOPIC}/rating", RATING)],
        LIMITS,
    )
    assert (len(batch.accepted), len(batch.refused)) == (2, 1)
