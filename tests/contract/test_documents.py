from pathlib import Path

import pytest

from contract.documents import asyncapi, generated_files
from contract.topics import STREAMS

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", sorted(generated_files()))
def test_generated_document_is_up_to_date(name):
    current = (DOCS / name).read_text(encoding="utf-8")
    assert current == generated_files()[name], "run `make docs` and commit the result"


def test_no_schema_of_a_stream_that_is_gone_is_left_behind():
    published = {f"schemas/{path.name}" for path in (DOCS / "schemas").iterdir()}
    assert published <= set(generated_files())


def test_asyncapi_describes_every_stream_with_its_qos_and_retention():
    document = asyncapi()
    assert set(document["channels"]) == set(STREAMS)
    bindings = {
        operation["channel"]["$ref"].rpartition("/")[2]: operation["bindings"]["mqtt"]
        for operation in document["operations"].values()
    }
    for spec in STREAMS.values():
        assert bindings[spec.stream] == {"qos": spec.qos, "retain": spec.retain}
