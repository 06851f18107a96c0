"""Officers sign on by PIN or badge without a network, and guessing takes longer and longer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from contract.codec import decode
from contract.identifiers import new_id
from contract.messages import Config, KioskOfficer, OfficerSession, SessionEvent, SignOnMethod
from edge.cli import command
from edge.kiosk.secrets import is_secret, make_hash
from edge.kiosk.sign_on import Paused, SignOnService, WrongSecret
from edge.sections import KioskSettings
from edge.store.outbox import Outbox

AT = datetime(2026, 10, 5, 1, 0, tzinfo=UTC)
HERE = "counter-1"
OFFICERS = (
    KioskOfficer(officer="CB01", pin=make_hash("2468", log2_n=4)),
    KioskOfficer(
        officer="CB02", pin=make_hash("1357", log2_n=4), badge=make_hash("0412", log2_n=4)
    ),
)


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox.open(tmp_path / "edge.sqlite3", max_rows=1000, reserve_mb=0) as outbox:
        outbox.put_config(
            Config(
                id=new_id(AT), device="edge-1", seq=1, observed_at=AT, schema=1, version=1,
                kiosk_officers=OFFICERS,
            )
        )  # fmt: skip
        yield outbox


@pytest.fixture
def service(outbox: Outbox) -> SignOnService:
    return SignOnService(
        outbox=outbox, device="edge-1", counter=HERE, settings=KioskSettings(sign_off_after_s=600)
    )


def sent(outbox: Outbox) -> list[tuple[str, SessionEvent, bool, datetime]]:
    messages = [decode(row.stream, row.payload) for row in outbox.waiting(100)]
    return [
        (m.officer, m.event, m.automatic, m.observed_at)
        for m in messages
        if isinstance(m, OfficerSession)
    ]


def by_pin(service: SignOnService, officer: str, pin: str, seconds: float) -> None:
    service.sign_on(HERE, pin, SignOnMethod.PIN, officer=officer, now=after(seconds))


def test_officer_signs_on_and_off_and_the_next_one_relieves(service, outbox):
    by_pin(service, "CB01", "2468", 0)
    by_pin(service, "CB01", "2468", 5)
    service.sign_on(HERE, "0412", SignOnMethod.BADGE, now=after(60))
    service.sign_off(HERE, now=after(120))
    service.sign_off(HERE, now=after(121))
    assert sent(outbox) == [
        ("CB01", SessionEvent.ON, False, after(0)),
        ("CB01", SessionEvent.OFF, True, after(60)),
        ("CB02", SessionEvent.ON, False, after(60)),
        ("CB02", SessionEvent.OFF, False, after(120)),
    ]


def test_who_gives_no_sign_of_life_is_signed_off_as_of_then(service, outbox):
    by_pin(service, "CB01", "2468", 0)
    service.note_activity(HERE, now=after(300))
    service.end_forgotten(now=after(850))
    assert len(sent(outbox)) == 1
    service.end_forgotten(now=after(2000))
    assert sent(outbox)[1:] == [("CB01", SessionEvent.OFF, True, after(900))]
    assert service.duty(HERE) is None


@pytest.mark.parametrize(
    ("officer", "pin"), [("CB01", "1357"), ("CB03", "2468"), ("", "2468"), ("CB01", "")]
)
def test_a_pin_goes_with_its_officer(service, outbox, officer, pin):
    with pytest.raises(WrongSecret):
        by_pin(service, officer, pin, 0)
    assert sent(outbox) == []


def test_wrong_pins_make_longer_and_longer_pauses_that_a_restart_does_not_end(service, outbox):
    waits = []
    now_s = 0.0
    for _ in range(7):
        with pytest.raises(WrongSecret):
            by_pin(service, "CB01", "0000", now_s)
        restarted = SignOnService(
            outbox=outbox, device="edge-1", counter=HERE, settings=KioskSettings()
        )
        try:
            by_pin(restarted, "CB01", "0000", now_s)
        except Paused as error:
            waits.append(error.wait_s)
            now_s += error.wait_s
        except WrongSecret:
            waits.append(0.0)
    assert waits == [0, 10, 20, 40, 80, 160, 320]
    by_pin(service, "CB01", "2468", now_s)
    with pytest.raises(WrongSecret):
        by_pin(service, "CB01", "0000", now_s)


def test_hash_is_made_without_showing_the_pin():
    result = CliRunner().invoke(command, ["sign-on"], input="2468\n2468\n")
    assert result.exit_code == 0
    made = result.output.splitlines()[-1]
    assert "2468" not in result.output
    assert is_secret("2468", made)
    assert not is_secret("2469", made)
    assert not is_secret("2468", made.replace("$14$", "$30$"))
