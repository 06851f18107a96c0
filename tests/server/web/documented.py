"""What the API's document says of its operations, and whether something is as it says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema

from server.app import create_app

ANYWHERE = "postgresql://127.0.0.1/motcua"
"""Nothing connects before the application starts."""
TOLD = ("application/json", "text/csv", "text/event-stream")
"""What an example can show; other bodies are files."""


class Document:
    """The OpenAPI document of the API as it stands."""

    def __init__(self) -> None:
        document = create_app(ANYWHERE).openapi()
        self._components = document["components"]
        self.operations: Mapping[str, Mapping[str, Any]] = {
            f"{method.upper()} {path}": operation
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
        }

    def request(self, name: str) -> Mapping[str, Any] | None:
        """Return the JSON body that an operation takes, with its schema; None without one."""
        content = self.operations[name].get("requestBody", {}).get("content", {})
        return content.get("application/json")

    def answers(self, name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield what the operation answers, by media type."""
        for status, response in self.operations[name]["responses"].items():
            if status.startswith("2"):
                for media_type, content in response.get("content", {}).items():
                    if media_type in TOLD:
                        yield media_type, content

    def faults(self, schema: Mapping[str, Any], value: object) -> list[str]:
        """Return in what a value is not as a schema of the document says."""
        whole = {**schema, "components": self._components}
        validator = jsonschema.Draft202012Validator(whole)
        return [f"{each.json_path}: {each.message}" for each in validator.iter_errors(value)]
