"""The relay at a broker that asks for a password and speaks TLS."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from motcua.local.mosquitto import find_mosquitto
from motcua.local.ports import answers
from tests.hardware.programs import require_program
from tests.integration.unit import make_unit
from tests.processes import free_port, motcua
from tests.waiting import eventually

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("mosquitto")]

PASSWORD = "mật khẩu@1"  # diacritics, a space and an @: all must survive the URL
ESCAPED = "m%E1%BA%ADt%20kh%E1%BA%A9u%401"


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A broker behind TLS and a password."""

    port: int
    certificate: Path


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture
def closed_broker(tmp_path: Path) -> Iterator[Closed]:
    program = find_mosquitto()
    assert program is not None
    openssl, passwd = require_program("openssl"), require_program("mosquitto_passwd")
    certificate, key, passwords = (tmp_path / name for name in ("tls.crt", "tls.key", "passwords"))
    run(
        openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
        "-keyout", str(key), "-out", str(certificate),
    )  # fmt: skip
    run(passwd, "-b", "-c", str(passwords), "unit", PASSWORD)
    port = free_port()
    config = tmp_path / "mosquitto.conf"
    config.write_text(
        f"user root\nlistener {port} 127.0.0.1\nallow_anonymous false\n"
        f"password_file {passwords}\ncertfile {certificate}\nkeyfile {key}\n",
        encoding="utf-8",
    )
    with (tmp_path / "broker.log").open("wb") as log:
        broker = subprocess.Popen([str(program), "-c", str(config)], stdout=log, stderr=log)
        try:
            # The relay logs an outage's first reason alone: "connection refused" would hide others.
            eventually(lambda: answers(port), 60, what="the closed broker")
            yield Closed(port=port, certificate=certificate)
        finally:
            broker.terminate()
            broker.wait(10)


@pytest.mark.parametrize(
    ("scheme", "login", "trusted", "expected"),
    [
        ("mqtts", f"unit:{ESCAPED}", True, "broker_connected"),
        ("mqtts", "unit:wrong", True, "Not authorized"),
        ("mqtts", f"unit:{ESCAPED}", False, "certificate verify failed"),
        ("mqtt", f"unit:{ESCAPED}", True, "the connection ended"),
    ],
)
def test_login_is_needed_and_never_logged(
    tmp_path: Path, closed_broker: Closed, scheme: str, login: str, trusted: bool, expected: str
) -> None:
    unit = make_unit(tmp_path, f"{scheme}://{login}@localhost:{closed_broker.port}")
    env = {"SSL_CERT_FILE": str(closed_broker.certificate)} if trusted else {}
    env = {**os.environ, **env}
    with motcua(
        "edge", "relay", "--config", str(unit.config), log=tmp_path / "relay.log", env=env
    ) as relay:
        eventually(lambda: expected in relay.output(), 60, what=expected)
        assert relay.stop() == 0
    assert PASSWORD not in relay.output()
    assert ESCAPED not in relay.output()
    assert "wrong" not in relay.output()
