"""Describes batches of records for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from contract.texts import Language
from server.tabular.records import Record

MOST_RECORDS = 5_000
"""In one batch."""


def body_of(record: Record[Any]) -> dict[str, Any]:
    """Return the part of the OpenAPI document that describes a batch of `record`."""
    cell = {"type": ["string", "number", "boolean", "null"]}
    properties = {
        column.name: {
            **cell,
            "title": record.header(column, Language.EN),
            "description": record.explanation(column, Language.EN),
            "examples": [column.example] if column.example else [None],
        }
        for column in record.columns
    }
    item = {
        "type": "object",
        "properties": properties,
        "required": [column.name for column in record.columns if column.required],
        "additionalProperties": False,
    }
    records = {"type": "array", "minItems": 1, "maxItems": MOST_RECORDS, "items": item}
    schema = {
        "type": "object",
        "properties": {"records": records},
        "required": ["records"],
        "additionalProperties": False,
    }
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
