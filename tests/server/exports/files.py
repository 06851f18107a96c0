"""Files for analysts as a test asks for them, has them written and reads them."""

from __future__ import annotations

import gzip
import io
import uuid
from csv import DictReader
from typing import Any

import httpx
from arro3.io import read_parquet

from server.db.pool import Database
from server.exports.jobs import write_export
from tests.coroutines import run
from tests.server.pools import PATIENT
from tests.server.requesting import Client

EXPORTS = "/api/v1/exports"


def write_now(database_url: str, export: str) -> None:
    """Do what the worker does with a file that was asked for."""

    async def work() -> None:
        database = Database(database_url, PATIENT)
        await database.open()
        try:
            await write_export(database, database_url, uuid.UUID(export))
        finally:
            await database.close()

    run(work())


def fetch(database_url: str, **asked: str) -> httpx.Response:
    """Return a file once it is written."""
    client = Client(database_url)
    made = client.send("POST", EXPORTS, json=asked)
    assert made.status_code == 201, made.text
    write_now(database_url, made.json()["id"])
    return client.send("GET", f"{EXPORTS}/{made.json()['id']}/file")


def rows_of(answer: httpx.Response) -> list[dict[str, Any]]:
    """Return the rows of a file; of CSV as texts."""
    format_ = "parquet" if "parquet" in answer.headers["content-type"] else "csv"
    return table_of(format_, answer.content)


def table_of(format_: str, content: bytes) -> list[dict[str, Any]]:
    """Return the rows of a file's content; of CSV as texts."""
    if format_ == "csv":
        return list(DictReader(io.StringIO(gzip.decompress(content).decode())))
    table = read_parquet(io.BytesIO(content)).read_all()
    columns = {
        name: [each for part in table.column(name).chunks for each in part.to_pylist()]
        for name in table.column_names
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
