"""One golden file per message and version: what other systems send must stay readable."""

import json
from pathlib import Path

import jsonschema
import msgspec
import pytest

from contract import codec
from contract.documents import message_schema
from contract.messages import Rating
from contract.topics import STREAMS, Stream

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.json"))


def stream_of(path: Path) -> Stream:
    """Return the stream of `rating.v1.json` and of `rating-amendment.v1.json`."""
    return Stream(path.name.partition(".")[0].partition("-")[0])


def test_every_stream_and_version_has_a_golden_file():
    versions = {(stream_of(path), int(path.name.split(".v")[1].split(".")[0])) for path in GOLDEN}
    assert {(spec.stream, spec.version) for spec in STREAMS.values()} <= versions


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden_message_survives_decoding_and_encoding(path):
    message = codec.decode(stream_of(path), path.read_bytes())
    again = codec.decode(stream_of(path), codec.encode(message))
    assert again == message


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden_message_satisfies_its_published_schema(path):
    schema = message_schema(STREAMS[stream_of(path)])
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(path.read_bytes()), schema)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_encoded_message_equals_the_golden_file(path):
    """Encoding is part of the contract: a renamed field or another time format shows here."""
    message = codec.decode(stream_of(path), path.read_bytes())
    assert msgspec.json.format(codec.encode(message), indent=2) + b"\n" == path.read_bytes()


def test_amendment_names_the_rating_that_it_completes():
    path = next(path for path in GOLDEN if "amendment" in path.name)
    message = codec.decode(Stream.RATING, path.read_bytes())
    assert isinstance(message, Rating)
    assert message.amends is not None
    assert [str(reason) for reason in message.reasons] == ["waiting", "repeat_visits"]
