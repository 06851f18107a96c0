"""Every way by which figures leave the system, each as what it says of today."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from websockets.sync.client import connect

from tests.integration.client import Motcua
from tests.server.exports.files import table_of

Figures = Mapping[tuple[str, str], tuple[object, ...]]
"""What is said of a scope and KPI: value, low, high and n."""


@dataclass(frozen=True, kw_only=True)
class Province:
    """A running API, the day that is told, and what a receiver of its webhooks holds."""

    url: str
    day: str
    held: Mapping[str, Mapping[str, Any]]

    def get(self, path: str) -> httpx.Response:
        answer = httpx.get(f"{self.url}{path}", timeout=30)
        assert answer.status_code == 200, answer.text
        return answer

    def both(self, query: str) -> list[httpx.Response]:
        """Ask for the province, then for its units."""
        return [self.get(f"{query}period={self.day}{by}") for by in ("", "&by=unit")]


def readings(of: Province) -> Figures:
    told = [each for answer in of.both("/api/v1/readings?") for each in answer.json()["readings"]]
    return figures(of, told)


def wall_stream(of: Province) -> Figures:
    where = f"{of.url.replace('http', 'ws')}/api/v1/stream?scope=province"
    with connect(where, max_size=None) as socket:
        return figures(of, json.loads(socket.recv(timeout=30))["readings"])


def server_sent_events(of: Province) -> Figures:
    with httpx.stream("GET", f"{of.url}/api/v1/events", timeout=30) as answer:
        for line in answer.iter_lines():
            if line.startswith("data: "):
                return figures(of, json.loads(line[6:])["readings"])
    raise AssertionError("the stream ended without an event")


def flat_json(of: Province) -> Figures:
    told = [each for answer in of.both("/api/v1/ioc/figures?") for each in answer.json()["figures"]]
    return figures(of, told)


def flat_csv(of: Province) -> Figures:
    rows = [
        row
        for answer in of.both("/api/v1/ioc/figures?format=csv&")
        for row in csv.DictReader(io.StringIO(answer.text))
    ]
    return figures(of, map(_typed, rows))


def webhook(of: Province) -> Figures:
    return figures(of, [each for entry in of.held.values() for each in entry["readings"]])


def parquet(of: Province) -> Figures:
    return figures(of, table_of("parquet", _file(of, "parquet")))


def packed_csv(of: Province) -> Figures:
    return figures(of, map(_typed, table_of("csv", _file(of, "csv"))))


WAYS: Mapping[str, Callable[[Province], Figures]] = {
    "readings": readings,
    "stream of the wall": wall_stream,
    "server-sent events": server_sent_events,
    "flat JSON": flat_json,
    "flat CSV": flat_csv,
    "webhook": webhook,
    "Parquet": parquet,
    "packed CSV": packed_csv,
}
"""Whoever adds a way adds its row."""


def figures(of: Province, told: Iterable[Mapping[str, Any]]) -> Figures:
    """Return what is said of the day, missing values as None."""
    return {
        (each["scope"], each["kpi"]): tuple(each.get(n) for n in ("value", "low", "high", "n"))
        for each in told
        if each["period"] == of.day
    }


def _typed(row: Mapping[str, str]) -> dict[str, Any]:
    """Return a row of CSV with numbers."""
    numbers = {name: float(row[name]) if row[name] else None for name in ("value", "low", "high")}
    return {**row, **numbers, "n": int(row["n"])}


def _file(of: Province, format_: str) -> bytes:
    with Motcua(of.url) as client:
        return client.export(dataset="figures", period=of.day, step="day", format=format_)
