"""Signing in with a password, by link; keys and screens; and how each of them ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import psycopg
import pytest

from server.access.accounts import RoleHeld
from server.access.roles import Role
from server.db.connection import session_conninfo
from tests.commands import call
from tests.server.access.office import FOREIGN, OWN, PARENT, Desk, at_desk, settle, sign_in

PASSWORD = "gió mùa đông bắc về"
ADMINISTRATOR = RoleHeld(role=Role.ADMINISTRATOR)
LEADER = {"role": "province_leader"}


def execute(database_url: str, statement: str) -> None:
    with psycopg.connect(session_conninfo(database_url), autocommit=True) as connection:
        connection.execute(statement)


async def enter(desk: Desk, name: str, password: str, **more: object) -> httpx.Response:
    asked = {"name": name, "password": password}
    return await desk.ask("/api/v1/sign-ins", method="POST", json=asked, **more)


async def make(desk: Desk, admin: str, name: str = "lan", password: str = PASSWORD) -> None:
    """Make an account as an administrator does, and set its password by the link."""
    made = await desk.ask(
        "/api/v1/accounts", admin, method="POST", json={"name": name, "roles": [LEADER]}
    )
    assert made.status_code == 201, made.text
    link = {"link": made.json()["token"], "password": password}
    assert (await desk.ask("/api/v1/links", method="POST", json=link)).status_code == 204


def test_who_is_signed_in_reads_and_who_has_signed_out_does_not(database_url):
    admin = sign_in(database_url, "root", ADMINISTRATOR)

    async def work(desk: Desk) -> None:
        await make(desk, admin)
        answer = await enter(desk, "lan", PASSWORD)
        assert answer.status_code == 201
        token = answer.json()["token"]
        me = (await desk.ask("/api/v1/me", token)).json()
        assert (me["name"], me["kind"], me["rights"]["read_figures"]) == (
            "lan", "account", ["province"],
        )  # fmt: skip
        assert (await desk.ask("/api/v1/devices", token)).status_code == 200
        out = await desk.ask("/api/v1/sign-ins/current", token, method="DELETE")
        assert out.status_code == 204
        assert (await desk.ask("/api/v1/devices", token)).status_code == 401

    at_desk(database_url, work, remembered_s=30.0)


@pytest.mark.parametrize(
    ("name", "password"), [("lan", "not the password"), ("nobody", PASSWORD), ("", "")]
)
def test_a_wrong_name_and_a_wrong_password_are_refused_in_the_same_words(
    database_url, name, password
):
    admin = sign_in(database_url, "root", ADMINISTRATOR)

    async def work(desk: Desk) -> httpx.Response:
        await make(desk, admin)
        return await enter(desk, name, password)

    answer = at_desk(database_url, work)
    assert answer.status_code == 401
    said = answer.json()
    assert (said["code"], said["detail"]) == (
        "sign_in_refused",
        "name, password or code is not right; check them and try again",
    )


def test_a_password_is_the_same_however_the_keyboard_composes_its_accents(database_url):
    admin = sign_in(database_url, "root", ADMINISTRATOR)

    async def work(desk: Desk) -> httpx.Response:
        await make(desk, admin, password="mu\u0300a thu năm nay")
        return await enter(desk, "lan", "mùa thu năm nay")

    assert at_desk(database_url, work).status_code == 201


def test_a_link_works_once_and_ends_where_its_owner_was_signed_in(database_url):
    admin = sign_in(database_url, "root", ADMINISTRATOR)

    async def work(desk: Desk) -> None:
        await make(desk, admin)
        token = (await enter(desk, "lan", PASSWORD)).json()["token"]
        reset = await desk.ask("/api/v1/accounts/lan/link", admin, method="POST")
        assert (await desk.ask("/api/v1/units", token)).status_code == 401
        assert (await enter(desk, "lan", PASSWORD)).status_code == 401
        link = {"link": reset.json()["token"], "password": "một câu khác hẳn"}
        owner = await desk.ask("/api/v1/links/owner", method="POST", json={"link": link["link"]})
        assert owner.json() == {"name": "lan"}
        answers = [await desk.ask("/api/v1/links", method="POST", json=link) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [204, 422]
        assert (await enter(desk, "lan", "một câu khác hẳn")).status_code == 201

    at_desk(database_url, work)


@pytest.mark.parametrize(
    "password", ["ngắn quá", "password1234", "aaaaaaaaaaaaaaaa", "tôi là lan-anh đây", "x" * 201]
)
def test_a_password_that_is_easily_guessed_is_refused(database_url, password):
    admin = sign_in(database_url, "root", ADMINISTRATOR)

    async def work(desk: Desk) -> httpx.Response:
        made = await desk.ask(
            "/api/v1/accounts", admin, method="POST", json={"name": "lan-anh", "roles": [LEADER]}
        )
        link = {"link": made.json()["token"], "password": password}
        return await desk.ask("/api/v1/links", method="POST", json=link)

    answer = at_desk(database_url, work)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("the password")


@pytest.mark.parametrize("column", ["used_at", "ends_at", "began_at"])
def test_a_sign_in_ends_when_it_is_idle_and_when_it_is_too_old(database_url, column):
    token = sign_in(database_url, "root", ADMINISTRATOR)
    execute(database_url, f"UPDATE sign_in SET {column} = {column} - interval '13 hours'")

    async def work(desk: Desk) -> int:
        return (await desk.ask("/api/v1/units", token)).status_code

    assert at_desk(database_url, work) == (200 if column == "began_at" else 401)


def test_what_a_page_asks_by_itself_keeps_nobody_signed_in(database_url):
    token = sign_in(database_url, "root", ADMINISTRATOR)
    execute(database_url, "UPDATE sign_in SET used_at = used_at - interval '20 minutes'")

    async def work(desk: Desk) -> list[timedelta]:
        idle = []
        for headers in ({"Motcua-Automatic": "1"}, {}):
            headers |= {"Authorization": f"Bearer {token}"}
            assert (await desk.client.get("/api/v1/units", headers=headers)).is_success
            listed = (await desk.ask("/api/v1/sign-ins", token)).json() if len(headers) == 1 else []
            with psycopg.connect(session_conninfo(database_url)) as connection:
                (used_at,) = connection.execute("SELECT used_at FROM sign_in").fetchone()
            idle.append(datetime.now(UTC) - used_at)
            assert len(listed) < 2
        return idle

    by_itself, by_hand = at_desk(database_url, work, remembered_s=30.0)
    assert by_itself > timedelta(minutes=19)
    assert by_hand < timedelta(minutes=1)


def test_the_last_administrator_cannot_be_disabled(database_url):
    admin = sign_in(database_url, "root", ADMINISTRATOR)

    async def work(desk: Desk) -> None:
        answer = await desk.ask("/api/v1/accounts/root", admin, method="DELETE")
        assert answer.status_code == 409
        assert "last administrator" in answer.json()["detail"]
        second = {"name": "second", "roles": [{"role": "administrator"}]}
        await desk.ask("/api/v1/accounts", admin, method="POST", json=second)
        answer = await desk.ask("/api/v1/accounts/root", admin, method="DELETE")
        assert answer.status_code == 204
        assert (await desk.ask("/api/v1/accounts", admin)).status_code == 401

    at_desk(database_url, work)


@pytest.mark.parametrize(
    "account",
    [
        {"name": "Có Dấu", "roles": [LEADER]},
        {"name": "lan\r\nX-Injected: 1", "roles": [LEADER]},
        {"name": "lan", "roles": []},
        {"name": "lan", "roles": [{"role": "unit_head"}]},
        {"name": "lan", "roles": [{"role": "auditor", "unit": OWN}]},
        {"name": "lan", "roles": [{"role": "officer", "unit": OWN}]},
        {"name": "lan", "full_name": "Lan\u0000", "roles": [LEADER]},
    ],
)
def test_an_account_that_makes_no_sense_is_refused(database_url, account):
    settle(database_url)
    admin = sign_in(database_url, "root", ADMINISTRATOR)

    async def work(desk: Desk) -> int:
        return (await desk.ask("/api/v1/accounts", admin, method="POST", json=account)).status_code

    assert at_desk(database_url, work) == 422


def test_a_key_has_its_rights_in_its_unit_until_its_end(database_url):
    settle(database_url)
    of_database = ("--database-url", database_url)
    added = call("key", "add", "ioc", "--right", "read_figures", "--unit", OWN, *of_database)
    key = added.output.strip()

    async def work(desk: Desk) -> list[int]:
        paths = (f"/api/v1/snapshot?scope=subtree:{OWN}",
                 f"/api/v1/snapshot?scope=subtree:{FOREIGN}",
                 "/api/v1/devices", "/api/v1/accounts")  # fmt: skip
        return [(await desk.ask(path, key)).status_code for path in paths]

    assert at_desk(database_url, work) == [200, 403, 403, 403]
    listed = call("key", "list", *of_database).output
    assert key not in listed
    assert "read_figures in tu-son" in listed
    assert "never used" not in listed
    assert call("key", "revoke", "ioc", *of_database).exit_code == 0
    assert at_desk(database_url, work) == [401] * 4
    assert "revoked" in call("key", "list", *of_database).output


def test_a_key_never_reads_officers_or_accounts(database_url):
    refused = call("key", "add", "x", "--right", "read_officers", "--database-url", database_url)
    assert refused.exit_code == 1
    assert "'read_officers' is none of" in refused.output


def test_a_screen_is_entered_once_and_shows_its_unit_alone(database_url):
    settle(database_url)
    of_database = ("--database-url", database_url)
    chosen = ("--scene", "now", "--scene", "map", "--turn", "20", "--language", "en")
    added = call("screen", "add", "sanh-1", "--unit", OWN, *chosen, *of_database)
    code = added.output.strip().rpartition("/")[2]

    async def work(desk: Desk) -> str:
        answers = [
            await desk.ask("/api/v1/screens/entered", method="POST", json={"code": code})
            for _ in range(2)
        ]
        assert [answer.status_code for answer in answers] == [201, 422]
        assert answers[0].json()["scope"] == f"subtree:{OWN}"
        token = answers[0].json()["token"]
        me = (await desk.ask("/api/v1/me", token)).json()
        assert (me["kind"], me["scenes"]) == ("screen", ["now", "map"])
        assert (me["turn_s"], me["language"]) == (20.0, "en")
        paths = (f"/api/v1/snapshot?scope=subtree:{OWN}",
                 f"/api/v1/snapshot?scope=subtree:{PARENT}", "/api/v1/devices")  # fmt: skip
        found = [(await desk.ask(path, token)).status_code for path in paths]
        assert found == [200, 403, 403]
        return token

    token = at_desk(database_url, work)
    call("screen", "revoke", "sanh-1", *of_database)

    async def again(desk: Desk) -> int:
        return (await desk.ask("/api/v1/me", token)).status_code

    assert at_desk(database_url, again) == 401


def test_the_commands_make_list_reset_and_disable_accounts(database_url):
    settle(database_url)
    of_database = ("--database-url", database_url)
    for name, role in (("an", "administrator"), ("binh", f"unit_head:{OWN}")):
        added = call("user", "add", name, "--role", role, *of_database)
        assert added.exit_code == 0, added.output
        assert "/links/mtl_" in added.output
    assert "waits for its link" in call("user", "list", *of_database).output
    assert "/links/mtl_" in call("user", "reset", "binh", *of_database).output
    assert call("user", "disable", "binh", *of_database).exit_code == 0
    listed = call("user", "list", *of_database).output
    assert f"unit_head:{OWN}" in listed
    assert "disabled" in listed
    last = call("user", "disable", "an", *of_database)
    assert (last.exit_code, last.output.count("\n")) == (1, 1)
    assert "last administrator" in last.output
    twice = call("user", "add", "an", "--role", "administrator", *of_database)
    assert "exists already" in twice.output


FORGED = [
    "", "x", "mts_", "mts_" + "A" * 43, "mtk_" + "A" * 43, "mtl_" + "A" * 43, "mts_" + "A" * 5000,
    "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.", "mts_\x00", "mts_é",
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(FORGED)))
def test_a_forged_token_stands_for_nobody(database_url, number):
    async def work(desk: Desk) -> int:
        header = b"Bearer " + FORGED[number].encode()
        answer = await desk.client.get("/api/v1/units", headers={b"Authorization": header})
        return answer.status_code

    assert at_desk(database_url, work) == 401


def test_a_token_is_taken_from_no_cookie_and_no_other_scheme(database_url):
    token = sign_in(database_url, "root", ADMINISTRATOR)

    async def work(desk: Desk) -> list[int]:
        headers = (
            {"Cookie": f"__Host-motcua={token}; motcua={token}"},
            {"Authorization": f"Basic {token}"},
            {"X-Authorization": f"Bearer {token}"},
        )
        return [
            (await desk.client.get("/api/v1/units", headers=each)).status_code for each in headers
        ]

    assert at_desk(database_url, work) == [401] * 3


TRIAL_OPENS = [
    ({}, 200),
    ({"Host": "localhost:8000"}, 200),
    ({"Host": "[::1]:8000"}, 200),
    ({"Host": "motcua.bacninh.gov.vn"}, 403),
    ({"Host": "127.0.0.1.evil.example"}, 403),
    ({"Host": ""}, 403),
    ({"X-Forwarded-For": "10.0.0.1"}, 403),
    ({"x-forwarded-whatever": "1"}, 403),
    ({"Forwarded": "for=10.0.0.1"}, 403),
    ({"Via": "1.1 proxy"}, 403),
    ({"X-Real-IP": "10.0.0.1"}, 403),
]


@pytest.mark.parametrize("number", range(len(TRIAL_OPENS)))
def test_a_trial_is_open_to_this_machine_alone(database_url, number):
    headers, status = TRIAL_OPENS[number]

    async def work(desk: Desk) -> int:
        return (await desk.client.get("/api/v1/units", headers=headers)).status_code

    assert at_desk(database_url, work, trial=True) == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 422),
        ({"Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "same-origin"}, 422),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
def test_a_page_of_another_site_changes_nothing_in_a_trial(database_url, headers, status):
    async def work(desk: Desk) -> int:
        answer = await desk.client.post("/api/v1/accounts", headers=headers, json={})
        return answer.status_code

    assert at_desk(database_url, work, trial=True) == status


def test_a_trial_listens_on_the_loopback_alone(database_url):
    of = ("--database-url", database_url, "--trial")
    for words in (
        ("server", "api", "--host", "0.0.0.0", *of),
        ("dashboards", "--host", "0.0.0.0", "--trial"),
    ):
        refused = call(*words)
        assert refused.exit_code == 1
        assert "a trial listens on this machine alone" in refused.output
