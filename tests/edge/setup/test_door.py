"""Who is let in, how often a PIN may be tried, and when the set-up page ends by itself."""

from __future__ import annotations

import pytest

from edge.setup.door import UNUSED_S, Door, TooManyAttempts, WrongPin, is_local, read_pin


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("127.0.0.1", True), ("192.168.1.20", True), ("10.1.2.3", True), ("172.16.0.9", True),
        ("169.254.3.4", True), ("::1", True), ("fe80::1%eth0", True), ("fd00::5", True),
        ("::ffff:192.168.1.20", True), ("8.8.8.8", False), ("::ffff:8.8.8.8", False),
        ("2001:4860:4860::8888", False), ("", False), ("kiosk", False),
    ],
)  # fmt: skip
def test_only_private_networks_are_local(address, local):
    assert is_local(address) is local


def door(**changes: float) -> Door:
    return Door(pin="12345678", began_s=0.0, **{"lasts_s": 3600.0, **changes})


def test_the_pin_gives_a_token_and_nothing_else_does():
    entrance = door()
    token = entrance.enter(" 12345678 ", 1.0)
    assert entrance.is_open_to(token, 2.0)
    assert not entrance.is_open_to("", 2.0)
    assert not entrance.is_open_to(token[:-1], 2.0)


def test_whoever_guesses_has_to_wait_longer_and_longer():
    entrance = door()
    now_s, waits = 0.0, []
    for _ in range(8):
        try:
            entrance.enter("0000", now_s)
        except WrongPin:
            continue
        except TooManyAttempts as error:
            waits.append(error.wait_s)
            now_s += error.wait_s
    assert waits == sorted(waits)
    assert waits[0] >= 5
    with pytest.raises(WrongPin):
        entrance.enter("0000", now_s)
    with pytest.raises(TooManyAttempts):
        entrance.enter("12345678", now_s)  # not even the right one, at once
    assert entrance.enter("12345678", now_s + 400)


def test_it_ends_when_unused_and_when_its_time_is_over():
    entrance = door()
    assert not entrance.is_over(UNUSED_S - 1)
    assert entrance.is_over(UNUSED_S)
    token = entrance.enter("12345678", UNUSED_S - 1)
    entrance.is_open_to(token, 1700.0)
    assert not entrance.is_over(1700.0 + UNUSED_S - 1)
    assert entrance.is_over(3600.0)


def test_a_pin_is_made_once_and_only_its_owner_reads_it(tmp_path):
    path = tmp_path / "setup-pin"
    pin, is_new = read_pin(path)
    assert (len(pin), pin.isdigit(), is_new) == (8, True, True)
    assert read_pin(path) == (pin, False)
    assert path.stat().st_mode & 0o077 == 0
