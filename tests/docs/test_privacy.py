"""The impact assessment names every table, and no other."""

from __future__ import annotations

import re

from tests.docs.repository import ROOT

SCHEMA = ROOT / "server" / "db" / "schema"
PAGE = (ROOT / "docs" / "privacy.vi.md").read_text(encoding="utf-8")


def tables() -> set[str]:
    made: set[str] = set()
    for file in sorted(SCHEMA.glob("*.sql")):
        text = file.read_text(encoding="utf-8")
        for what, name in re.findall(r"^\s*(CREATE|DROP) TABLE (\w+)", text, re.MULTILINE):
            (made.add if what == "CREATE" else made.discard)(name)
    return made


def test_every_table_has_its_purpose_ground_and_time():
    section = PAGE.partition("## 4.")[2].partition("## 5.")[0]
    rows = re.findall(
        r"^\| (`[^|]+) \|([^|]+)\|([^|]+)\|([^|]+)\|([^|]+)\|$", section, re.MULTILINE
    )
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row[0])]
    assert all(cell.strip() for row in rows for cell in row)
    assert len(named) == len(set(named))
    assert tables() - set(named) == set()
    assert set(named) - tables() == set()
