"""Second factors, recovery codes, and how guessing is slowed down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import psycopg
import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.access.accounts import RoleHeld
from server.access.attempts import FREE, LONGEST_S, Failures
from server.access.passwords import Passwords
from server.access.roles import Role
from server.access.second_factors import step_of
from server.db.connection import session_conninfo
from tests.coroutines import run
from tests.server.access.office import OWN, Desk, at_desk, settle, sign_in

PASSWORD = "gió mùa đông bắc về"
SECRET = pyotp.random_base32()
NOW = datetime(2026, 11, 2, 3, 4, 5, tzinfo=UTC)


def set_password(database_url: str, name: str) -> None:
    hashed = run(Passwords().hash(PASSWORD))
    with psycopg.connect(session_conninfo(database_url), autocommit=True) as connection:
        connection.execute("UPDATE account SET password = %s WHERE name = %s", (hashed, name))


@pytest.fixture
def head(database_url: str) -> str:
    """The token of a unit's head, signed in with a password alone."""
    settle(database_url)
    held = RoleHeld(role=Role.UNIT_HEAD, unit=OWN)
    token = sign_in(database_url, "binh", held, second_factor=False)
    set_password(database_url, "binh")
    return token


async def enter(desk: Desk, code: str = "", name: str = "binh") -> httpx.Response:
    asked = {"name": name, "password": PASSWORD, "code": code}
    return await desk.ask("/api/v1/sign-ins", method="POST", json=asked)


async def set_up(desk: Desk, token: str) -> tuple[pyotp.TOTP, list[str]]:
    begun = await desk.ask("/api/v1/second-factor", token, method="POST")
    totp = pyotp.TOTP(begun.json()["secret"])
    assert begun.json()["address"] == totp.provisioning_uri(name="binh", issuer_name="Motcua")
    confirmed = await desk.ask(
        "/api/v1/second-factor/confirmed", token, method="POST", json={"code": totp.now()}
    )
    assert confirmed.status_code == 201, confirmed.text
    return totp, confirmed.json()["codes"]


def test_a_role_that_sees_officers_does_nothing_before_its_second_factor(database_url, head):
    async def work(desk: Desk) -> None:
        refused = await desk.ask(f"/api/v1/snapshot?scope=subtree:{OWN}", head)
        assert refused.status_code == 403
        assert "second factor" in refused.json()["detail"]
        me = (await desk.ask("/api/v1/me", head)).json()
        assert me["owes_second_factor"] is True
        wrong = await desk.ask(
            "/api/v1/second-factor/confirmed", head, method="POST", json={"code": "000000"}
        )
        assert wrong.status_code == 404
        await set_up(desk, head)
        assert (await desk.ask(f"/api/v1/snapshot?scope=subtree:{OWN}", head)).is_success

    at_desk(database_url, work, remembered_s=30.0)


def test_a_code_is_needed_and_works_once(database_url, head):
    async def work(desk: Desk) -> None:
        totp, _ = await set_up(desk, head)
        later = totp.at(datetime.now(UTC) + timedelta(seconds=30))
        answers = [(await enter(desk, code)).status_code for code in ("", totp.now(), later, later)]
        # The code of this step was used to set it up.
        assert answers == [401, 401, 201, 401]

    at_desk(database_url, work)


def test_each_recovery_code_works_once_in_any_spelling(database_url, head):
    async def work(desk: Desk) -> None:
        _, codes = await set_up(desk, head)
        assert len(set(codes)) == 10
        spelled = codes[0].upper().replace("-", " ")
        assert [(await enter(desk, code)).status_code for code in (spelled, codes[0])] == [201, 401]
        assert (await enter(desk, codes[1])).status_code == 201

    at_desk(database_url, work)


def test_a_second_factor_is_not_replaced_by_whoever_has_stolen_a_sign_in(database_url, head):
    async def work(desk: Desk) -> None:
        await set_up(desk, head)
        again = await desk.ask("/api/v1/second-factor", head, method="POST")
        assert again.status_code == 409

    at_desk(database_url, work)


@pytest.mark.parametrize(
    ("offset_s", "right"), [(0, True), (-30, True), (30, True), (-60, False), (60, False)]
)
def test_a_telephone_may_be_wrong_by_one_step(offset_s, right):
    code = pyotp.TOTP(SECRET).at(NOW + timedelta(seconds=offset_s))
    assert (step_of(SECRET, code, NOW) is not None) is right


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "abcdef", "１２３４５６", "12 456", "-12345"]
)
def test_what_is_no_code_is_of_no_step(code):
    assert step_of(SECRET, code, NOW) is None


def test_a_clock_that_steps_back_lets_no_code_work_again(database_url, head):
    async def work(desk: Desk) -> list[int]:
        totp, _ = await set_up(desk, head)
        code = totp.at(datetime.now(UTC) + timedelta(seconds=30))
        first = (await enter(desk, code)).status_code
        # As if the server's clock had stepped back: the code is one of the present again.
        earlier = totp.at(datetime.now(UTC) - timedelta(seconds=30))
        return [
            first,
            (await enter(desk, code)).status_code,
            (await enter(desk, earlier)).status_code,
        ]

    assert at_desk(database_url, work) == [201, 401, 401]


def test_guessing_is_slowed_down_and_the_right_password_waits_as_well(database_url, head):
    async def work(desk: Desk) -> None:
        for _ in range(FREE):
            asked = {"name": "binh", "password": "no", "code": ""}
            answer = await desk.ask("/api/v1/sign-ins", method="POST", json=asked)
            assert answer.status_code == 401
        # A pause of a second may be over before a slow machine asks again: one of half a minute.
        with psycopg.connect(database_url) as connection:
            connection.execute("UPDATE sign_in_failure SET failures = failures + 5")
        paused = await enter(desk)
        assert paused.status_code == 429
        assert 1 <= int(paused.headers["Retry-After"]) <= LONGEST_S
        # Nobody else in the office notices, and a name that nobody has is slowed down as well.
        other = {"name": "an", "password": PASSWORD}
        assert (await desk.ask("/api/v1/sign-ins", method="POST", json=other)).status_code == 401

    at_desk(database_url, work)


@given(st.integers(0, 5000), st.integers(0, 5000), st.integers(-10_000, 10_000), st.booleans())
def test_no_pause_is_longer_than_a_minute_whatever_the_clock_does(here, anywhere, since_s, known):
    at = NOW - timedelta(seconds=since_s)
    failures = Failures(here=here, here_at=at, anywhere=anywhere, anywhere_at=at, known_here=known)
    assert 0 <= failures.wait_s(NOW) <= LONGEST_S


def test_the_owner_is_not_slowed_down_by_guesses_from_elsewhere():
    failures = Failures(anywhere=4000, anywhere_at=NOW, known_here=True)
    assert failures.wait_s(NOW) == 0
    stranger = Failures(anywhere=4000, anywhere_at=NOW)
    assert 0 < stranger.wait_s(NOW) <= 10
