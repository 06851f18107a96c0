"""docs/openapi.json says what the API does."""

from __future__ import annotations

import json
from pathlib import Path

from server import access_document
from server.document import FILE, render, render_access

DOCS = Path(__file__).parents[2] / "docs"


def test_document_is_up_to_date():
    assert (DOCS / FILE).read_text(encoding="utf-8") == render(), "run `make docs`"


def test_the_rights_are_printed_as_they_are_declared():
    printed = (DOCS / access_document.FILE).read_text(encoding="utf-8")
    assert printed == render_access(), "run `make docs`"


def test_document_is_the_same_each_time():
    assert render() == render()


def test_every_resource_has_a_schema_and_a_summary():
    document = json.loads(render())
    for path, methods in document["paths"].items():
        for method in methods.values():
            assert method["description"], path
            good = [answer for code, answer in method["responses"].items() if code < "300"]
            assert good, path
            if "204" not in method["responses"]:
                assert good[0]["content"], path
                assert all(content["schema"] for content in good[0]["content"].values()), path
