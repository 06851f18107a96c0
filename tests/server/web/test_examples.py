"""Every operation of the document has an example, and it is as the document says."""

from __future__ import annotations

import json
import re

import pytest

from server.web.examples import examples
from tests.server.web.documented import Document

HOW = "run `pytest -p tests.server.web.recording` over the tests of the route"


@pytest.fixture(scope="module")
def document() -> Document:
    return Document()


def test_every_operation_shows_what_it_takes_and_answers(document):
    missing = []
    for name, operation in document.operations.items():
        request = document.request(name)
        if request is not None and "example" not in request:
            missing.append(f"{name}: the request")
        missing += [
            f"{name}: the answer as {media_type}"
            for media_type, content in document.answers(name)
            if not content.get("example")
        ]
        missing += [
            f"{name}: {parameter['name']}"
            for parameter in operation.get("parameters", ())
            if parameter["in"] == "path" and "example" not in parameter
        ]
    assert not missing, f"{HOW}: " + ", ".join(missing)


def test_every_example_is_as_its_schema_says(document):
    faults = []
    for name, operation in document.operations.items():
        shown = [*filter(None, [document.request(name)]), *operation.get("parameters", ())]
        shown += [content for _, content in document.answers(name)]
        for each in shown:
            if "example" in each:
                wrong = document.faults(each["schema"], each["example"])
                faults += [f"{name}: {fault}" for fault in wrong]
    assert not faults, f"{HOW}: " + ", ".join(faults)


def test_examples_are_of_operations_that_there_are_and_tell_no_secret(document):
    assert examples().keys() <= document.operations.keys()
    said = json.dumps([each.answer for each in examples().values()])
    assert not re.search(r"mt[a-z]_[\w-]{20}|secret=[A-Z2-7]{20}", said)


def test_a_wrong_example_would_be_found(document):
    (answer,) = (content for _, content in document.answers("GET /api/v1/units"))
    (unit, *_) = answer["example"]
    assert document.faults(answer["schema"], [unit]) == []
    assert document.faults(answer["schema"], [{**unit, "id": 7}])
