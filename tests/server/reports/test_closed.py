"""Whatever a report tells of a closed period is what was closed, whatever becomes of the rows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from server.access.accounts import RoleHeld
from server.access.roles import Role
from server.closing.store import read_version
from server.closing.versions import close_period
from server.periods import Period
from tests.commands import call
from tests.server.access.office import OWN, sign_in
from tests.server.closing.province import AT, furnish, on, settle_counting, signing
from tests.server.closing.province import OCTOBER as OCTOBER_2026
from tests.server.reports.test_routes import head, leader, made
from tests.server.schemes.province import HEAD, dossier, execute

pytestmark = pytest.mark.integration

QUESTIONS: dict[str, dict[str, Any]] = {
    "a unit's figures and points": {"kind": "unit", "unit": OWN, "scheme": "qd766-2022"},
    "classes with their points": {"kind": "rankings", "scheme": "qd766-2022"},
    "counters": {"kind": "rankings", "by": "counter", "kpi": "waited_within_15"},
    "counters of a unit": {
        "kind": "rankings", "by": "counter", "kpi": "waited_within_15", "scope": f"subtree:{OWN}",
    },
    "procedures": {"kind": "rankings", "by": "procedure", "kpi": "dossiers_on_time"},
    "procedures of a unit": {
        "kind": "rankings", "by": "procedure", "kpi": "dossiers_on_time",
        "scope": f"subtree:{OWN}",
    },
    "a unit alone": {"kind": "rankings", "kpi": "dossiers_on_time", "scope": f"subtree:{OWN}"},
    "units and how they changed": {"kind": "rankings", "compare": True},
    "units by dossiers": {"kind": "rankings", "kpi": "dossiers_on_time"},
    "an officer's figures": {"kind": "officer", "unit": OWN, "officer": "CB-1"},
    "an officer's points": {
        "kind": "officer", "unit": OWN, "officer": "CB-1", "scheme": "nd335-2025",
    },
    "a month": {"kind": "monthly", "scheme": "qd766-2022"},
}  # fmt: skip

LOST = (
    "UPDATE dossier_total SET ended = 1, done = 1, on_time = 0",
    "UPDATE rating_daily SET score_5 = 0, score_1 = 77",
    "UPDATE rating_monthly SET score_5 = 0, score_1 = 77",
    "DELETE FROM rating",
    "DELETE FROM wait",
    "DELETE FROM wait_daily",
    "DELETE FROM wait_hourly",
    "INSERT INTO entered_point (scheme, term, unit, period, points, evidence, entered_by, "
    "entered_at) VALUES ('qd766-2022', 'online', 'tu-son', '2026-10', 3, 'E', 'x', now())",
)


@pytest.fixture
def province(database_url, tmp_path):
    furnish(database_url, tmp_path)
    return database_url


def close(url, folder, **given):
    sign = signing(folder / "key")
    return on(url, lambda c: close_period(c, given.get("period", OCTOBER_2026), sign, despite=True))


def spoil(url):
    """Change rows and totals behind figures as somebody may who administers the database."""
    for statement in LOST:
        execute(url, f"SET session_replication_role = replica; {statement}")


def content(url, token, question):
    return json.loads(made(url, token, **question))["content"]


def figures(told):
    return {table["id"]: table["rows"] for table in told["tables"]}


def test_reports_say_what_was_closed_and_nothing_rests_on_rows(province, tmp_path):
    own, province_wide = head(province), leader(province)
    tokens = {name: own if "officer" in name else province_wide for name in QUESTIONS}
    before = {name: content(province, tokens[name], each) for name, each in QUESTIONS.items()}
    close(province, tmp_path)
    spoil(province)
    for name, question in QUESTIONS.items():
        after = content(province, tokens[name], question)
        assert after["edition"], name
        assert figures(after) == figures(before[name]), name
        assert after["funnels"] == before[name]["funnels"], name
        assert [note for note in after["notes"] if "bản chốt không lưu" in note] == [], name


def test_a_statutory_table_of_a_closed_quarter_is_what_was_closed(province, tmp_path):
    quarter = Period.parse("2026-Q3", AT)
    lines = [dossier(50 + n, OWN, "CB-1", late=n == 2) for n in range(5)]
    file = tmp_path / "september.csv"
    file.write_text((HEAD + "".join(lines)).replace("/10/2026", "/09/2026"), encoding="utf-8")
    assert call("import", "dossiers", file, "--database-url", province).exit_code == 0
    settle_counting(province)
    token = leader(province)
    question = {"kind": "statutory", "template": "dossier-handling", "period": "2026-Q3"}
    before = content(province, token, question)
    close(province, tmp_path, period=quarter)
    spoil(province)
    after = content(province, token, question)
    assert figures(after) == figures(before)
    _, by_unit = after["tables"]
    assert {row["key"]: row["cells"][2] for row in by_unit["rows"]} == {OWN: 5, "": 5}


def test_a_closing_of_the_former_format_is_read_and_the_report_says_what_rests_on_rows(
    province, tmp_path
):
    close(province, tmp_path)
    as_format_one(province)
    token = leader(province)
    told = content(province, token, QUESTIONS["a unit's figures and points"])
    (note,) = [each for each in told["notes"] if "bản chốt không lưu" in each]
    assert "766/QĐ-TTg" in note
    told = content(province, head(province), QUESTIONS["an officer's figures"])
    assert any("bản chốt không lưu" in each for each in told["notes"])
    units = content(province, token, {"kind": "rankings"})
    assert not any("bản chốt không lưu" in each for each in units["notes"])


def test_a_head_and_the_officer_read_the_same_closed_figures(province, tmp_path):
    close(province, tmp_path)
    spoil(province)
    question = QUESTIONS["an officer's figures"]
    chief = content(province, head(province), question)
    held = RoleHeld(role=Role.OFFICER, unit=OWN)
    own = sign_in(province, "cb1", held, officer="CB-1")
    assert figures(content(province, own, question)) == figures(chief)
    assert any(row["cells"][3] for row in figures(chief)["figures.official"])


def as_format_one(url):
    """Make the closing one of the format before parts were stored, without signing it anew."""
    from server.closing.canonical import canonical
    from server.closing.documents import Document
    from server.closing.store import read_document

    async def work(connection):
        found = await read_version(connection, "2026-10")
        said = (await read_document(connection, found.number)).read()
        said["format"] = 1
        for name in ("parts", "procedures"):
            said["figures"].pop(name)
        return Document(content=canonical(said)).compressed

    document = on(url, work)
    execute(url, "ALTER TABLE closing DISABLE TRIGGER USER")
    execute(url, "ALTER TABLE closing_part DISABLE TRIGGER USER")
    execute(url, "UPDATE closing SET document = %s", document)
    execute(url, "DELETE FROM closing_part")
