"""What a new figure costs: an entry, and for a new source a module, an SQL file and a migration."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("contract", "runtime", "server", "dashboards")

ENTRY = """    Kpi(
        id="{id}",
        version=1,
        family=KpiFamily.OFFICIAL,
        measure=Measure.COUNT,
        source={source},
        live=True,
        compute=lambda _kpi, totals, _moment: Result(n={n}, value=float({n})),
    ),
)
"""
TEXTS = '\n[kpi.{id}]\nname = "{name}"\ndescription = "{name}."\n'

SOURCE = '''"""Tickets that were issued."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from contract.readings import Timing
from server.facts.sources import AT_COUNTERS, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketTotals:
    """Tickets."""

    issued: int = 0

    def __add__(self, other: Self) -> Self:
        return type(self)(issued=self.issued + other.issued)

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the totals in issued."""
        (issued,) = row
        return cls(issued=issued)


TICKETS = Source(name="tickets", timing=Timing.PERIOD, totals=TicketTotals, dimensions=AT_COUNTERS)
'''
SQL = """-- name: totals
-- For the proof that a source is one module, one SQL file and one migration.
SELECT
    unit, CASE %(by)s::text WHEN 'counter' THEN counter END,
    date_trunc(%(step)s::text, hour AT TIME ZONE INTERVAL '7 hours')::date, sum(issued)::bigint
FROM ticket_hourly
WHERE hour >= %(start)s AND hour < %(end)s
    AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
    AND (%(counter)s::text IS NULL OR counter = %(counter)s::text)
GROUP BY 1, 2, 3
"""
MIGRATION = """
CREATE TABLE ticket_hourly (unit text, counter text, hour timestamptz, issued bigint);
INSERT INTO unit (id, name_vi, name_en, accepted) VALUES ('tu-son', 'Từ Sơn', 'Tu Son', true);
INSERT INTO ticket_hourly VALUES ('tu-son', 'quay-1', now(), 7);
"""

LOOK = """
import asyncio, json, sys

import httpx, msgspec, psycopg

from contract.readings import KpiDefinition
from dashboards.desk.units import columns_of
from dashboards.push.choice import Choice, map_kpis
from server.app import ApiSettings, create_app
from server.db.migrations import migrate
from server.kpi.catalogue import definitions
from server.kpi.document import render

url = sys.argv[1]
with psycopg.connect(url, autocommit=True) as connection:
    migrate(connection)
app = create_app(url, ApiSettings.read(trial=True))

async def look():
    transport = httpx.ASGITransport(app=app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1"
    ) as client:
        catalogue = (await client.get("/api/v1/catalogue")).json()
        readings = (await client.get("/api/v1/readings?by=unit&period=day")).json()["readings"]
        for _ in range(200):
            snapshot = await client.get("/api/v1/snapshot")
            if snapshot.is_success:
                break
            await asyncio.sleep(0.05)
        return catalogue, readings, snapshot.json()["readings"]

catalogue, readings, snapshot = asyncio.run(look())
known = tuple(msgspec.convert(catalogue, list[KpiDefinition]))
wall = map_kpis(Choice(kpis=("best_ratings", "tickets_issued")), known)
print(json.dumps({
    "catalogue": [kpi["id"] for kpi in catalogue],
    "readings": {r["kpi"]: r.get("value") for r in readings if r["scope"] == "subtree:tu-son"},
    "snapshot": {r["kpi"]: r.get("value") for r in snapshot if r["scope"] == "province"},
    "document": render(),
    "unit table": [column.id for column in columns_of(known)],
    "wall": [definition.id for definition in wall],
}))
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the rooms that a figure passes through."""
    for room in ROOMS:
        ignored = shutil.ignore_patterns("__pycache__", "*.woff2")
        shutil.copytree(ROOT / room, tmp_path / room, ignore=ignored)
    return tmp_path


def append_entry(tree: Path, family: str, *, imports: str = "", **fields: str) -> None:
    """Add one entry to a family's module, with its texts."""
    file = tree / "server" / "kpi" / "catalogue" / f"{family}.py"
    text = file.read_text(encoding="utf-8")
    assert text.endswith("    ),\n)\n")
    text = text.replace("\nfrom server", f"\n{imports}\nfrom server", 1)
    file.write_text(text.removesuffix(")\n") + ENTRY.format(**fields), encoding="utf-8")
    for language in ("vi", "en"):
        with (tree / "server" / "texts" / f"{language}.toml").open("a", encoding="utf-8") as texts:
            texts.write(TEXTS.format(id=fields["id"], name=f"{fields['name']} {language}"))


def look(tree: Path, database_url: str) -> dict:
    """Start the API from the changed tree and return what it says."""
    result = subprocess.run(
        [sys.executable, "-c", LOOK, database_url],
        cwd=tree, env={"PYTHONPATH": str(tree), "PATH": ""}, capture_output=True, text=True,
        timeout=100, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


@pytest.mark.integration
def test_kpis_are_added_by_an_entry_and_a_source_by_its_three_files(tree, empty_database_url):
    append_entry(
        tree, "satisfaction", id="best_ratings", name="Best", source="RATINGS",
        n="totals.by_score[4]",
    )  # fmt: skip
    facts = tree / "server" / "facts"
    (facts / "tickets.py").write_text(SOURCE, encoding="utf-8")
    (facts / "tickets.sql").write_text(SQL, encoding="utf-8")
    (tree / "server" / "db" / "schema" / "900_tickets.sql").write_text(MIGRATION, encoding="utf-8")
    append_entry(
        tree, "waiting", id="tickets_issued", name="Tickets",
        imports="from server.facts.tickets import TICKETS",
        source="TICKETS", n="totals.issued",
    )  # fmt: skip

    found = look(tree, empty_database_url)

    for kpi, value, name in (("best_ratings", 0, "Best vi"), ("tickets_issued", 7, "Tickets vi")):
        assert kpi in found["catalogue"]
        assert f"## {name}" in found["document"]
        assert found["readings"][kpi] == value
        assert found["snapshot"][kpi] == value
        assert kpi in found["unit table"]
        assert kpi in found["wall"]
