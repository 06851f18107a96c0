"""A release that sets a table otherwise says so by another layout."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from server.reports.contents.frames import LAYOUT
from tests.server.access.office import OWN
from tests.server.closing.province import furnish
from tests.server.reports.test_closed import content, head
from tests.server.reports.test_routes import leader

pytestmark = pytest.mark.integration

KNOWN = Path(__file__).with_name("layout.json")
QUESTIONS = (
    {"kind": "rankings", "scheme": "qd766-2022", "compare": True},
    {"kind": "rankings", "by": "counter", "kpi": "waited_within_15"},
    {"kind": "unit", "unit": OWN, "scheme": "qd766-2022"},
    {"kind": "monthly"},
    {"kind": "statutory", "template": "dossier-handling", "period": "2026-Q3"},
)


def test_a_table_that_is_set_otherwise_has_another_layout(database_url, tmp_path):
    furnish(database_url, tmp_path)
    province_wide, own = leader(database_url), head(database_url)
    told = [content(database_url, province_wide, question) for question in QUESTIONS]
    told.append(content(database_url, own, {"kind": "officer", "unit": OWN, "officer": "CB-1"}))
    tables = {
        f"{each['kind']} {table['id']}": [column["id"] for column in table["columns"]]
        for each in told
        for table in each["tables"]
    }
    now = {"layout": LAYOUT, "tables": dict(sorted(tables.items()))}
    known = json.loads(KNOWN.read_text(encoding="utf-8"))
    assert now == known, (
        "tables are set otherwise: raise LAYOUT in server/reports/contents/frames.py and write "
        f"{KNOWN.name} anew:\n{json.dumps(now, indent=1)}"
    )
