"""Reports over the API: asked for, made by a job, fetched by right, verified, and removed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import psycopg
import pytest

from server.access.accounts import RoleHeld
from server.access.roles import Role
from server.access.settings import AccessSettings
from server.app import ApiSettings, create_app
from server.audit.entries import Action
from server.closing.restatements import restate
from server.closing.versions import close_period
from server.db.connection import session_conninfo
from server.db.pool import PoolSettings
from server.links.jobs import relink_all
from server.reports import store
from server.reports.jobs import LEFT_AFTER
from tests.commands import call
from tests.coroutines import run
from tests.server import build
from tests.server.access.office import FOREIGN, OWN, Desk, acts, at_desk, sign_in
from tests.server.asking import store as store_messages
from tests.server.closing.province import OCTOBER as OCTOBER_2026
from tests.server.closing.province import on, signing
from tests.server.reports.work import make_what_waits, with_database
from tests.server.schemes.province import execute, fill

pytestmark = pytest.mark.integration

REPORTS = "/api/v1/reports"
OCTOBER = {"period": "2026-10", "format": "json"}


@pytest.fixture
def province(database_url, tmp_path):
    fill(database_url, tmp_path)
    return database_url


def leader(url, name="leader"):
    return sign_in(url, name, RoleHeld(role=Role.PROVINCE_LEADER, unit=None))


def head(url, name="head", unit=OWN):
    return sign_in(url, name, RoleHeld(role=Role.UNIT_HEAD, unit=unit))


def ask(url, token, path=REPORTS, method="GET", **given):
    """Return an answer of the API; of what it runs routes need the database alone."""

    async def work():
        read = ApiSettings.read()
        pool, access = PoolSettings(answer_s=30.0), AccessSettings(remembered_s=0.0)
        app = create_app(url, replace(read, pool=pool, access=access))
        await app.state.database.open()
        transport = httpx.ASGITransport(app=app)
        try:
            async with httpx.AsyncClient(
                transport=transport, base_url="http://127.0.0.1", headers={"Accept-Language": "en"}
            ) as client:
                return await Desk(client=client, app=app).ask(path, token, method=method, **given)
        finally:
            await app.state.database.close()

    return run(work())


def asked(url, token, **question):
    answer = ask(url, token, method="POST", json=OCTOBER | question)
    assert answer.status_code == 202, answer.text
    assert answer.headers["Location"] == f"{REPORTS}/{answer.json()['id']}"
    return answer.json()["id"]


def made(url, token, **question):
    """Return the bytes of the report that a job makes, as the API hands them out."""
    id_ = asked(url, token, **question)
    make_what_waits(url)
    told = ask(url, token, f"{REPORTS}/{id_}").json()
    assert told["state"] == "ready", told
    assert told["progress"] == 1
    answer = ask(url, token, f"{REPORTS}/{id_}/file")
    assert answer.status_code == 200
    assert told["name"] in answer.headers["Content-Disposition"]
    return answer.content


def verify(url, token, content):
    answer = ask(url, token, f"{REPORTS}/verify", method="POST", content=content)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_report_is_made_by_a_job_followed_fetched_and_verified(province):
    token = leader(province)
    id_ = asked(province, token, kind="statutory", template="dossier-handling")
    waiting = ask(province, token, f"{REPORTS}/{id_}").json()
    assert (waiting["state"], waiting["progress"]) == ("waiting", 0)
    assert ask(province, token, f"{REPORTS}/{id_}/file").status_code == 404
    make_what_waits(province)
    content = ask(province, token, f"{REPORTS}/{id_}/file").content
    tables = {each["id"]: each for each in json.loads(content)["content"]["tables"]}
    rows = {row["key"]: row["cells"] for row in tables["dossier-handling.unit"]["rows"]}
    # Number, name, to resolve, online, otherwise, carried over, done, before, on, late, open, …
    assert rows[OWN][2:] == [10, 10, 0, 0, 10, 9, 0, 1, 0, 0, 0]
    assert rows[""][2] == 15
    assert [each["id"] for each in ask(province, token).json()] == [id_]
    found = verify(province, token, content)
    assert found["genuine"] == "genuine"
    assert found["restated"]["changed"] == 0
    assert verify(province, token, content + b" ")["genuine"] == "changed"
    assert verify(province, token, b"%PDF-1.7 a letter")["genuine"] == "unstamped"
    noted = set(acts(province))
    assert {
        Action.REPORT_ASKED, Action.REPORT_ISSUED, Action.REPORT_FETCHED, Action.REPORT_VERIFIED,
    } <= noted  # fmt: skip


def test_a_report_in_which_few_officers_are_named_is_noted_as_a_look_at_them(province):
    # One officer decided on the unit's dossiers: its head is told, the province's leader is not.
    question = {"kind": "unit", "unit": FOREIGN}
    told = json.loads(made(province, leader(province), **question))["content"]
    assert "names_officers" not in told
    assert Action.OFFICER_SEEN not in acts(province)
    told = json.loads(made(province, head(province, unit=FOREIGN), **question))["content"]
    assert told["names_officers"] is True
    assert acts(province).count(Action.OFFICER_SEEN) == 1


def test_the_same_question_is_the_same_file_until_figures_are_restated(province, tmp_path):
    token = leader(province)
    question = {"kind": "statutory", "template": "dossier-handling"}
    first = made(province, token, **question)
    assert made(province, token, **question) == first
    late = tmp_path / "late.csv"
    late.write_text(
        "code,procedure,receiving_unit,resolving_unit,channel,officer,received_at,promised_at,"
        f"processed_at\nG09-99,1.1,{OWN},{OWN},online,CB-1,01/10/2026 08:00,09/10/2026,"
        "08/10/2026 10:00\n",
        encoding="utf-8",
    )
    result = call("import", "dossiers", late, "--database-url", province)
    assert result.exit_code == 0, result.output
    found = verify(province, token, first)
    assert found["genuine"] == "genuine"
    assert found["restated"]["changed"] > 0
    assert any(OWN in row for row in found["restated"]["rows"])
    assert made(province, token, **question) != first


def test_a_report_is_seen_by_who_asked_and_by_who_may_see_as_much(province):
    chief, own, other = leader(province), head(province), head(province, "other", FOREIGN)
    of_own = asked(province, own, kind="unit", unit=OWN)
    of_officer = asked(province, own, kind="officer", unit=OWN, officer="CB-1")
    of_all = asked(province, chief, kind="monthly")

    def listed(token):
        return {each["id"] for each in ask(province, token).json()}

    assert listed(own) == {of_own, of_officer}
    assert listed(other) == set()
    # The head may know officers, the leader may not: what was asked by more sight is not shown.
    assert listed(chief) == {of_all}
    assert ask(province, other, f"{REPORTS}/{of_own}").status_code == 404
    assert ask(province, other, f"{REPORTS}/{of_own}/file").status_code == 404
    auditor = sign_in(province, "auditor", RoleHeld(role=Role.AUDITOR, unit=None))
    assert listed(auditor) == {of_own, of_officer, of_all}


REFUSED = (
    ({"kind": "monthly"}, 403),
    ({"kind": "rankings"}, 403),
    ({"kind": "unit", "unit": FOREIGN}, 403),
    ({"kind": "officer", "unit": FOREIGN, "officer": "CB-3"}, 403),
    ({"kind": "appraisal", "scheme": "qd766-2022"}, 403),
    ({"kind": "unit"}, 422),
    ({"kind": "unit", "unit": OWN, "kpi": "visits"}, 422),
    ({"kind": "unit", "unit": OWN, "period": "now"}, 422),
    ({"kind": "unit", "unit": OWN, "period": "2026-10-01..2026-10-20"}, 422),
    ({"kind": "unit", "unit": OWN, "period": "2199-01"}, 422),
    ({"kind": "unit", "unit": OWN, "scheme": "none"}, 404),
    ({"kind": "statutory", "template": "none", "scope": f"subtree:{OWN}"}, 404),
    ({"kind": "rankings", "kpi": "visits", "scope": f"subtree:{OWN}"}, 404),
)


def test_a_report_of_a_closed_period_names_its_closing(province, tmp_path):
    sign = signing(tmp_path / "key")
    closing = on(
        province, lambda connection: close_period(connection, OCTOBER_2026, sign, despite=True)
    )
    told = made(province, leader(province), kind="monthly").decode()
    assert f"SHA-256 {closing.digest.hex()[:16]}" in told


def test_what_came_late_is_in_no_report_of_a_closed_period_before_it_is_restated(
    province, tmp_path
):
    sign = signing(tmp_path / "key")
    on(province, lambda connection: close_period(connection, OCTOBER_2026, sign, despite=True))
    token = leader(province)
    kinds = ({"kind": "monthly"}, {"kind": "unit", "unit": OWN}, {"kind": "rankings"})
    before = [made(province, token, **kind) for kind in kinds]
    late = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)
    here = replace(build.HERE, unit=OWN)
    came = [build.rating(late + timedelta(minutes=3 * n), 1, address=here) for n in range(40)]
    store_messages(province, *((each, here) for each in came))
    assert [made(province, token, **kind) for kind in kinds] == before
    relink_all(province)
    on(province, lambda connection: restate(connection, OCTOBER_2026, sign))
    after = [made(province, token, **kind) for kind in kinds]
    assert all(one != other for one, other in zip(before, after, strict=True))


def test_what_cannot_be_asked_is_refused_at_once(province):
    token = head(province)

    async def work(desk):
        return [
            (question, await desk.ask(REPORTS, token, method="POST", json=OCTOBER | question))
            for question, _ in REFUSED
        ]

    answers = at_desk(province, work, await_figures=False)
    for (question, answer), (_, status) in zip(answers, REFUSED, strict=True):
        assert answer.status_code == status, (question, answer.text)
        assert answer.json()["detail"]


def test_a_report_that_cannot_be_made_says_why(province):
    token = leader(province)
    id_ = asked(province, token, kind="unit", unit="nowhere")
    make_what_waits(province)
    for language, said in (("vi", "không có đơn vị"), ("en", "unit")):
        told = ask(province, token, f"{REPORTS}/{id_}?lang={language}").json()
        assert told["state"] == "failed"
        assert "nowhere" in told["problem"]
        assert said in told["problem"]


def test_a_period_that_is_not_over_gives_a_draft(province):
    content = made(province, leader(province), kind="statutory", template="dossier-handling",
                   period="year" if datetime.now(UTC).year == 2026 else "2026")  # fmt: skip
    said = json.loads(content)["content"]
    assert said["draft"] == (datetime.now(UTC).year == 2026)


def test_files_are_kept_a_week_and_stay_verifiable(province):
    token = leader(province)
    content = made(province, token, kind="unit", unit=OWN)
    week = datetime.now(UTC) - timedelta(days=7)

    async def purge(database):
        async with database.write() as connection:
            return await store.purge(connection, week)

    assert with_database(province, purge) == 0
    execute(province, "UPDATE report SET asked_at = asked_at - INTERVAL '8 days'")
    assert with_database(province, purge) == 1
    assert ask(province, token).json() == []
    assert execute(province, "SELECT count(*) FROM report_file") == [(0,)]
    assert verify(province, token, content)["genuine"] == "genuine"


def test_a_report_whose_worker_died_is_made_by_another(province):
    token = leader(province)
    id_ = asked(province, token, kind="unit", unit=OWN)
    execute(province, "DELETE FROM procrastinate_jobs")
    execute(province, "UPDATE report SET state = 'making', touched_at = now() - INTERVAL '1 hour'")

    async def defer(database):
        async with database.write() as connection:
            return await store.defer_left(connection, datetime.now(UTC) - LEFT_AFTER)

    assert with_database(province, defer) == 1
    assert with_database(province, defer) == 0
    make_what_waits(province)
    assert ask(province, token, f"{REPORTS}/{id_}").json()["state"] == "ready"


def test_who_reads_figures_reads_no_reports_of_others_below_the_routes(database_url):
    with psycopg.connect(session_conninfo(database_url), autocommit=True) as connection:
        connection.execute(
            "INSERT INTO report (asked_by, asked_kind, kind, period, question, format) "
            "VALUES ('a', 'account', 'monthly', '2026-10', '{}', 'pdf')"
        )
        with connection.transaction():
            connection.execute("SET LOCAL ROLE motcua_reader")
            assert connection.execute("SELECT count(*) FROM report").fetchone() == (0,)
        connection.execute("SET ROLE motcua_writer")
        forged = (
            "INSERT INTO report_issue (file_digest, digest, kind, period, question, format, "
            "draft, row_digests) VALUES ('a', 'b', 'unit', '2026', '{}', 'pdf', false, '{}')"
        )
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(forged)


def test_commands_write_and_verify_files(province, tmp_path):
    file = tmp_path / "report.pdf"
    words = ("report", "unit", OWN, "--period", "2026-10", "--output", file)
    result = call(*words, "--database-url", province)
    assert result.exit_code == 0, result.output
    first = file.read_bytes()
    assert call(*words, "--database-url", province).exit_code == 0
    assert file.read_bytes() == first
    check = ("report", "verify", file, "--lang", "en", "--database-url", province)
    genuine = call(*check)
    assert genuine.exit_code == 0
    assert "have not been restated" in genuine.output
    file.write_bytes(first.replace(b"/Title", b"/Titel", 1))
    forged = call(*check)
    assert forged.exit_code == 1
    assert "NOT intact" in forged.output
    assert acts(province).count(Action.REPORT_ISSUED) == 2


def test_an_appraisal_is_a_sheet_to_sign_and_a_list_for_who_may_see_all(province):
    own, chief = head(province), leader(province)
    (account,) = execute(province, "SELECT id FROM account WHERE name = 'leader'")[0]
    (appraisal,) = execute(
        province,
        "INSERT INTO appraisal (scheme, version, unit, period, state, appraiser, due_at, "
        "opened_by, opened_at) "
        "VALUES ('qd766-2022', 1, %s, '2026-10', 'appraised', %s, now(), 'x', now()) "
        "RETURNING id",
        OWN,
        account,
    )[0]
    for number, step, points in ((1, "self_score", "6"), (2, "appraisal", "5.5")):
        execute(
            province,
            "INSERT INTO appraisal_step (appraisal, number, step, at, actor, comment, entries) "
            "VALUES (%s, %s, %s, now(), 'x', 'seen', %s::jsonb)",
            appraisal,
            number,
            step,
            json.dumps([{"term": "online", "points": points, "evidence": "E1"}]),
        )
    question = {"kind": "appraisal", "scheme": "qd766-2022"}
    sheet = json.loads(made(province, own, **question, unit=OWN))["content"]
    points, steps = sheet["tables"]
    scored = {row["key"]: row["cells"] for row in points["rows"]}["online"]
    assert scored[2:4] == ["6", "5.5"]
    assert [row["cells"][3] for row in steps["rows"]] == ["seen", "seen"]
    assert len(sheet["signatures"]) == 2
    listed = json.loads(made(province, chief, **question))["content"]
    assert [row["key"] for row in listed["tables"][0]["rows"]] == [str(appraisal)]
