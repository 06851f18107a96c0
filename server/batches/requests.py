"""Reads a batch from a request, record by record: one that is wrong does not stop others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from server.batches.answers import MOST_RECORDS, Batch, RefusedRecord
from server.errors import RequestInvalid

B = TypeVar("B", bound=BaseModel)

MOST_BYTES = 20_000_000


class BatchBody(BaseModel, Generic[B]):
    """Records of one source, as the documentation shows them."""

    source: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="The system that they come from."
    )
    records: list[B] = Field(max_length=MOST_RECORDS)


class _Envelope(BaseModel):
    """A batch whose records have not been looked at."""

    model_config = ConfigDict(hide_input_in_errors=True)

    source: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")
    records: list[Any] = Field(max_length=MOST_RECORDS)


async def read_batch(request: Request) -> tuple[Batch, str, list[Any]]:
    """Return the batch, its source and its records as JSON values; raise RequestInvalid."""
    if int(request.headers.get("content-length") or 0) > MOST_BYTES:
        raise RequestInvalid(f"the batch has more than {MOST_BYTES:,} bytes: send smaller ones")
    body = await request.body()
    try:
        envelope = _Envelope.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "body"
        raise RequestInvalid(
            f"{where}: {first['msg']}; a batch is {{source, records}} with at most "
            f"{MOST_RECORDS:,} records"
        ) from None
    key = request.headers.get("idempotency-key")
    batch = Batch(key=key, route=f"{request.method} {request.url.path}", body=body)
    return batch, envelope.source, envelope.records


def parse_records(
    model: type[B], records: Sequence[Any]
) -> tuple[list[tuple[int, B]], list[RefusedRecord]]:
    """Return the records that can be read, with their places, and those that cannot.

    What is wrong is said without the value, which may be personal.
    """
    adapter = TypeAdapter(model)
    read: list[tuple[int, B]] = []
    refused: list[RefusedRecord] = []
    for index, record in enumerate(records):
        try:
            read.append((index, adapter.validate_python(record)))
        except ValidationError as error:
            refused += [
                RefusedRecord(
                    index=index,
                    field=".".join(str(part) for part in fault["loc"]),
                    reason=fault["msg"],
                )
                for fault in error.errors(
                    include_input=False, include_url=False, include_context=False
                )
            ]
    return read, refused


def described(record: type[BaseModel]) -> dict[str, Any]:
    """Return how the documentation shows a batch that its route reads itself."""
    schema = BatchBody[record].model_json_schema()  # type: ignore[valid-type]
    definitions = schema.pop("$defs", {})
    body = {"application/json": {"schema": _inlined(schema, definitions)}}
    return {"requestBody": {"required": True, "content": body}}


def _inlined(schema: Any, definitions: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
    match schema:
        case {"$ref": str(name), **rest}:
            return _inlined(definitions[name.rpartition("/")[2]] | rest, definitions)
        case dict():
            return {name: _inlined(member, definitions) for name, member in schema.items()}
        case list():
            return [_inlined(member, definitions) for member in schema]
        case _:
            return schema
