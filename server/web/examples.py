"""Puts into the OpenAPI document what each operation was once asked and answered.

`examples.json` has them by method and path: `parameters`, the `request` that was sent, and the
`answer`: as tests have heard them, long lists cut short, or else written after the schema.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

import msgspec

FILE = "examples.json"


class Example(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one operation was asked and answered; `answer` by media type."""

    parameters: dict[str, Any] = {}
    request: Any = msgspec.UNSET
    answer: dict[str, Any] = {}


def add_examples(path: str, method: str, operation: dict[str, Any]) -> None:
    """Add the example of an operation of the document, where there is one."""
    example = examples().get(f"{method.upper()} {path}")
    if example is None:
        return
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in example.parameters:
            parameter["example"] = example.parameters[parameter["name"]]
    if example.request is not msgspec.UNSET:
        for content in operation["requestBody"]["content"].values():
            content["example"] = example.request
    for media_type, content in _good(operation["responses"]):
        if media_type in example.answer:
            content["example"] = example.answer[media_type]


def _good(responses: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for status, response in responses.items():
        if status.startswith("2"):
            yield from response.get("content", {}).items()


@cache
def examples() -> Mapping[str, Example]:
    """Return the examples by method and path, as `GET /api/v1/units`."""
    content = resources.files("server.web").joinpath(FILE).read_bytes()
    return msgspec.json.decode(content, type=dict[str, Example])
