import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract import codec
from contract.errors import (
    DeviceMismatch,
    InvalidField,
    MalformedPayload,
    MessageError,
    PayloadTooLarge,
    UnsupportedSchema,
)
from contract.identifiers import new_id
from contract.messages import Rating, Visit
from contract.topics import Address, Stream

GOLDEN = Path(__file__).parent / "golden"
ADDRESS = Address(unit="phuong-kinh-bac", counter="quay-1", device="edge-1")


def golden(name: str, **changes: object) -> bytes:
    """Return the golden message with fields changed; a field set to `...` is left out."""
    fields = json.loads((GOLDEN / f"{name}.v1.json").read_bytes()) | changes
    return json.dumps({key: value for key, value in fields.items() if value is not ...}).encode()


def mix(negative: float, neutral: float, positive: float) -> dict[str, float]:
    shares = {"negative": negative, "neutral": neutral, "positive": positive}
    return {"faces": 1, "readings": 9, **shares}


@pytest.mark.parametrize(
    ("stream", "payload", "error", "says"),
    [
        (Stream.RATING, golden("rating", score=...), InvalidField, "`score`"),
        (Stream.RATING, golden("rating", score=6), InvalidField, "$.score"),
        (Stream.RATING, golden("rating", score="5"), InvalidField, "$.score"),
        (Stream.RATING, golden("rating", score=4.5), InvalidField, "$.score"),
        (Stream.RATING, golden("rating", reasons=["rain"]), InvalidField, "rain"),
        (Stream.RATING, golden("rating", id=...), InvalidField, "`id`"),
        (Stream.RATING, golden("rating", id="42"), InvalidField, "$.id"),
        (Stream.RATING, golden("rating", device="Quầy 1"), InvalidField, "$.device"),
        (Stream.RATING, golden("rating", observed_at="2026-10-05T02:14:30"), InvalidField, "time"),
        (Stream.RATING, golden("rating", observed_at="yesterday"), InvalidField, "$.observed_at"),
        (Stream.RATING, golden("rating", seq=-1), InvalidField, "$.seq"),
        (Stream.RATING, golden("rating", seq=2**63), InvalidField, "$.seq"),
        (Stream.CONFIG, golden("config", version=10**20), InvalidField, "$.version"),
        (Stream.HEALTH, golden("health", config_version=2**63), InvalidField, "$.config_version"),
        (Stream.RATING, golden("rating", schema=2), UnsupportedSchema, "schema 2"),
        (Stream.RATING, golden("rating", schema=2, score="new"), UnsupportedSchema, "schema 2"),
        (Stream.RATING, golden("rating", schema=...), InvalidField, "`schema`"),
        (Stream.VISIT, golden("visit", service_s=-3), InvalidField, "$.service_s"),
        (
            Stream.VISIT,
            golden("visit", expression=mix(0.9, 0.9, 0.9)),
            InvalidField,
            "add up to 2.7",
        ),
        (Stream.VISIT, golden("visit", expression=mix(0, 0, 0)), InvalidField, "$.expression"),
        (
            Stream.OBSERVATION,
            golden("observation", expression=mix(0.3, 0.3, 0.3)),
            InvalidField,
            "0.9",
        ),
        (Stream.HEALTH, golden("health", status="sleepy"), InvalidField, "sleepy"),
        (Stream.RATING, golden("rating", device="edge-2"), DeviceMismatch, "edge-2"),
        (Stream.RATING, b"", MalformedPayload, "truncated"),
        (Stream.RATING, b"{", MalformedPayload, "truncated"),
        (Stream.RATING, b"\xff\xfe", MalformedPayload, "JSON"),
        (Stream.RATING, b"[1, 2]", InvalidField, "array"),
        (Stream.RATING, b'{"id": NaN}', MalformedPayload, "malformed"),
        (Stream.RATING, b" " * (codec.MAX_PAYLOAD_BYTES + 1), PayloadTooLarge, "bytes"),
    ],
)
def test_bad_payload_is_refused_with_its_reason(stream, payload, error, says):
    with pytest.raises(error, match=r".*") as refused:
        codec.decode(stream, payload, address=ADDRESS)
    assert says in str(refused.value)


def test_unknown_optional_fields_are_tolerated():
    message = codec.decode(Stream.RATING, golden("rating", mood="sunny"), address=ADDRESS)
    assert isinstance(message, Rating)
    assert message.score == 4


@pytest.mark.parametrize("shares", [(0.3333, 0.3333, 0.3333), (1, 0, 0), (0.33, 0.33, 0.33)])
def test_shares_may_be_rounded(shares):
    payload = golden("visit", expression=mix(*shares))
    assert isinstance(codec.decode(Stream.VISIT, payload), Visit)


def test_deeply_nested_payload_is_refused_and_does_not_crash():
    payload = b'{"id":' + b"[" * 60_000
    with pytest.raises(MessageError):
        codec.decode(Stream.RATING, payload)
    assert codec.decode_identity(payload) is None


@given(st.binary(max_size=300))
def test_no_bytes_make_decode_raise_anything_but_a_message_error(payload):
    for stream in Stream:
        try:
            codec.decode(stream, payload)
        except MessageError as error:
            assert str(error)


@given(st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2100, 1, 1)))
def test_identity_is_read_from_a_message_that_cannot_be_understood(moment):
    identity = new_id(moment.replace(tzinfo=UTC))
    payload = json.dumps({"id": str(identity), "schema": 99}).encode()
    assert codec.decode_identity(payload) == identity


@pytest.mark.parametrize("payload", [b"", b"{}", b'{"id": 3}', b"\xff", b"[]"])
def test_identity_of_a_message_without_one_is_none(payload):
    assert codec.decode_identity(payload) is None


def test_fields_at_their_default_are_left_out():
    message = codec.decode(Stream.RATING, golden("rating"))
    assert set(json.loads(codec.encode(message))) == {
        "id", "device", "seq", "observed_at", "schema", "score"
    }  # fmt: skip
