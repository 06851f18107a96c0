"""Every way by which figures leave the system, each as what it says of today."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

import httpx
import pypdfium2
from python_calamine import CalamineWorkbook
from websockets.sync.client import connect

from tests.integration.client import Motcua
from tests.server.exports.files import table_of
from tests.waiting import eventually


class Said(NamedTuple):
    """What is said of one figure; as text where the way prints it."""

    value: float | str | None
    low: float | None = None
    high: float | None = None
    n: int | None = None


Figures = Mapping[tuple[str, str], Said]
"""What is said, by scope and KPI."""
Rounding = Callable[[str, Said], Said]
"""What a way says of a figure whose measure is named, by the digits that it shows."""


@dataclass(frozen=True, kw_only=True)
class Province:
    """A running API with its screens, the day that is told, and what a receiver of its webhooks
    holds.
    """

    url: str
    day: str
    held: Mapping[str, Mapping[str, Any]]
    screens: str
    units: tuple[str, ...]

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


def spreadsheet(of: Province) -> Figures:
    found: dict[tuple[str, str], Said] = {}
    kpis = {_heading(*told): kpi for kpi, told in catalogue(of).items()}
    for unit in of.units:
        book = CalamineWorkbook.from_filelike(io.BytesIO(_report(of, unit, "xlsx")))
        for sheet in book.sheet_names:
            for name, *cells in book.get_sheet_by_name(sheet).to_python():
                if name in kpis and len(cells) >= 4:
                    numbers = [each if isinstance(each, float) else None for each in cells[:4]]
                    found[f"subtree:{unit}", kpis[name]] = Said(*numbers)
    return found


def print_out(of: Province) -> Figures:
    found: dict[tuple[str, str], Said] = {}
    for unit in of.units:
        pages = pypdfium2.PdfDocument(_report(of, unit, "pdf"))
        text = " ".join(page.get_textpage().get_text_range() for page in pages)
        text = re.sub(r"\s+", " ", text.replace("\N{NO-BREAK SPACE}", " "))
        for kpi, told in catalogue(of).items():
            row = re.search(rf"{re.escape(_heading(*told))} {_VALUE} {_INTERVAL} (\d+)", text)
            if row is not None:
                value, low, high, n = row.groups()
                ends = (None if low is None else float(low), None if high is None else float(high))
                found[f"subtree:{unit}", kpi] = Said(value, *ends, int(n))
    return found


def wall(of: Province) -> Figures:
    where = f"{of.screens.replace('http', 'ws')}/_live/wall?scenes=now&lang=vi"
    shown = {"satisfied": "share_satisfied", "visits": "visits"}
    tiles: dict[str, Any] = {}
    with connect(where, max_size=None) as socket:
        while True:  # the whole wall, then what changes in it
            tiles |= json.loads(socket.recv(timeout=60)).get("parts", {})
            figures_ = {name: list(_texts(tiles.get(name), "div.figure")) for name in shown}
            if all(figures_.values()):
                break
    counted = {name: re.search(r"n = (\d+)", str(tiles[name])) for name in shown}
    return {
        ("province", shown[name]): Said(
            figures_[name][0], n=None if (n := counted[name]) is None else int(n[1])
        )
        for name in shown
    }


def desk(of: Province) -> Figures:
    """What the desk's page of indicators says, asked for as a browser asks."""
    return {("province", kpi): _on_a_desk(of, kpi) for kpi in ("share_satisfied", "visits")}


def _on_a_desk(of: Province, kpi: str) -> Said:
    address = {"id": "address", "property": "pathname", "value": "/indicators"}
    search = f"?kpi={kpi}&scope=province&period={of.day}"
    asked = {
        "output": "page.children",
        "outputs": {"id": "page", "property": "children"},
        "inputs": [address],
        "changedPropIds": ["address.pathname"],
        "state": [{"id": "address", "property": "search", "value": search}],
    }
    answer = httpx.post(f"{of.screens}/_dash-update-component", json=asked, timeout=60)
    assert answer.status_code == 200, answer.text
    value, _, sample = _below(answer.json()["response"], "headline")
    is_share = value.endswith("%")
    return Said(value, n=int(sample.removeprefix("n = ")) if is_share else None)


def _below(node: object, class_name: str) -> list[str]:
    """Return the texts of the components within the one of that class."""
    if isinstance(node, dict):
        props = node.get("props", {})
        if props.get("className") == class_name:
            return [str(each["props"]["children"]) for each in props["children"]]
        node = list(node.values())
    found = [_below(each, class_name) for each in node] if isinstance(node, list) else []
    return next((texts for texts in found if texts), [])


def exact(_: str, said: Said) -> Said:
    return said


def in_a_spreadsheet(measure: str, said: Said) -> Said:
    """Minutes for seconds, four decimals, no n of nothing."""
    unit = 60 if measure == "seconds" else 1
    figures_ = [round(each / unit, 4) if isinstance(each, float) else each for each in said[:3]]
    return Said(*figures_, said.n or None)


def in_print(measure: str, said: Said) -> Said:
    """The same as people read it in English."""
    value, low, high, n = in_a_spreadsheet(measure, said)
    if value is None:
        return Said(None)
    places = {"share": 2, "seconds": 1, "days": 1, "count": 0}.get(measure, 2)
    times = 100 if measure == "share" else 1
    value = _printed(times * Decimal(repr(value)), places)
    ends = [
        None if end is None else float(_printed(times * Decimal(repr(end)), places))
        for end in (low, high)
    ]
    return Said(f"{value} %" if measure == "share" else value, *ends, n)


def on_the_wall(measure: str, said: Said) -> Said:
    """One decimal of a share, in Vietnamese, with its n; a count as it is."""
    if measure == "share":
        return Said(f"{_printed(100 * Decimal(repr(said.value)), 1)}%".replace(".", ","), n=said.n)
    return Said(_printed(said.value, 0))


class Way(NamedTuple):
    """How figures leave, and what stays of their digits."""

    told: Callable[[Province], Figures]
    rounding: Rounding = exact


WAYS: Mapping[str, Way] = {
    "readings": Way(readings),
    "stream of the wall": Way(wall_stream),
    "server-sent events": Way(server_sent_events),
    "flat JSON": Way(flat_json),
    "flat CSV": Way(flat_csv),
    "webhook": Way(webhook),
    "Parquet": Way(parquet),
    "packed CSV": Way(packed_csv),
    "XLSX": Way(spreadsheet, in_a_spreadsheet),
    "PDF": Way(print_out, in_print),
    "wall": Way(wall, on_the_wall),
    "desk": Way(desk, on_the_wall),
}
"""Whoever adds a way adds its row."""

_VALUE = r"([\d.,]+(?: %)?)"
_INTERVAL = r"(?:–|(-?[\d.]+)(?:–| … )(-?[\d.]+)(?: %)?)"


def figures(of: Province, told: Iterable[Mapping[str, Any]]) -> Figures:
    """Return what is said of the day, missing values as None."""
    return {
        (each["scope"], each["kpi"]): Said(*(each.get(n) for n in ("value", "low", "high", "n")))
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


def catalogue(of: Province) -> Mapping[str, tuple[str, str]]:
    """Return the English name and the measure of each KPI that is told."""
    told = of.get(f"/api/v1/ioc/figures?period={of.day}&lang=en").json()["figures"]
    return {each["kpi"]: (each["kpi_name"], each["measure"]) for each in told}


def _heading(name: str, measure: str) -> str:
    """Return what a report calls a KPI: with the unit that its values are told in."""
    unit = {"seconds": "minutes", "days": "working days"}.get(measure)
    return name if unit is None else f"{name} ({unit})"


def _report(of: Province, unit: str, format_: str) -> bytes:
    """Have a report of a unit's day made, as a person does at a desk."""
    asked = {"kind": "unit", "period": of.day, "unit": unit, "format": format_, "language": "en"}
    answer = httpx.post(f"{of.url}/api/v1/reports", json=asked, timeout=30)
    assert answer.status_code == 202, answer.text
    where = answer.headers["location"]

    def is_ready() -> bool:
        seen = of.get(where).json()
        assert seen["state"] != "failed", seen
        return seen["state"] == "ready"

    eventually(is_ready, 120, what=f"the report as {format_}")
    return of.get(f"{where}/file").content


def _texts(nodes: object, kind: str) -> Iterator[str]:
    """Yield the text of each element of a wall whose kind begins so, without what is between."""
    if isinstance(nodes, list):
        if nodes and isinstance(nodes[0], str) and nodes[0].startswith(kind):
            yield "".join(_strings(nodes[1:]))
            return
        for each in nodes:
            yield from _texts(each, kind)


def _strings(nodes: object) -> Iterator[str]:
    if isinstance(nodes, str):
        yield nodes
    elif isinstance(nodes, list):
        for each in nodes[1:] if nodes and str(nodes[0]).startswith(("span", "div")) else nodes:
            yield from _strings(each)


def _printed(value: object, places: int) -> str:
    exact_ = value if isinstance(value, Decimal) else Decimal(repr(value))
    return f"{exact_.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"
