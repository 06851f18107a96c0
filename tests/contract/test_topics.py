import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.errors import TopicError
from contract.topics import (
    STREAM_OF,
    STREAMS,
    Address,
    Direction,
    Stream,
    parse_topic,
    upstream_filters,
)

NAMES = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,62}", fullmatch=True)


@given(unit=NAMES, counter=NAMES, device=NAMES, stream=st.sampled_from(Stream))
def test_topic_is_read_back_as_it_was_written(unit, counter, device, stream):
    address = Address(unit=unit, counter=counter, device=device)
    assert parse_topic(address.topic(stream)) == (address, stream)


@pytest.mark.parametrize(
    ("topic", "says"),
    [
        ("", "motcua/v1"),
        ("motcua/v1", "{unit}"),
        ("motcua/v1/a/b/c", "{device}"),
        ("motcua/v1/a/b/c/rating/x", "{unit}"),
        ("motcua/v2/a/b/c/rating", "motcua/v1"),
        ("motcua/v1x/a/b/c/rating", "motcua/v1"),
        ("motcua/v1/a/b/c/mood", "unknown stream"),
        ("motcua/v1/A/b/c/rating", "unit 'A'"),
        ("motcua/v1/a/b b/c/rating", "counter 'b b'"),
        ("motcua/v1/a/b/c\n/rating", "device"),
        ("motcua/v1/a//c/rating", "counter ''"),
        ("motcua/v1/a/+/c/rating", "counter '+'"),
        (f"motcua/v1/{'a' * 64}/b/c/rating", "63 characters"),
    ],
)
def test_foreign_topic_is_refused_with_what_is_wrong(topic, says):
    with pytest.raises(TopicError) as refused:
        parse_topic(topic)
    assert says in str(refused.value)


def test_every_stream_has_a_row_and_every_message_one_stream():
    assert set(STREAMS) == set(Stream)
    assert len(STREAM_OF) == len(STREAMS)
    assert all(spec.qos == 1 for spec in STREAMS.values())


def test_server_subscribes_to_every_upstream_stream_and_to_no_other():
    subscribed = {Stream(pattern.rpartition("/")[2]) for pattern in upstream_filters()}
    up = {spec.stream for spec in STREAMS.values() if spec.direction is Direction.UP}
    assert subscribed == up
