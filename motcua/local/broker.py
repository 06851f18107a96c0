"""A private MQTT broker: mosquitto where it is installed, else amqtt; loopback only."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from motcua.errors import BrokerFailed
from motcua.local import amqtt_broker
from motcua.local.accounts import Account, unprivileged
from motcua.local.daemons import Daemon, DaemonSpec, log_tail
from motcua.local.homes import reachable_home
from motcua.local.locks import folder_lock
from motcua.local.mosquitto import configuration, find_mosquitto
from motcua.local.notices import Say, log_notice
from motcua.local.orphans import stop_orphans
from motcua.local.ports import LOOPBACK, answers, any_free

START_TIMEOUT_S = 20.0
_ORPHAN_GRACE_S = 5.0
_ACCOUNTS = ("motcua", "mosquitto", "nobody")


class BrokerKind(StrEnum):
    """Which program serves MQTT."""

    MOSQUITTO = "mosquitto"
    AMQTT = "amqtt"


class Broker:
    """One broker process. `start` after a crash takes up the same port and state."""

    def __init__(self, spec: DaemonSpec, *, kind: BrokerKind, port: int) -> None:
        self._spec = spec
        self._daemon: Daemon | None = None
        self.kind = kind
        self.port = port

    @property
    def url(self) -> str:
        """The address for clients on this machine."""
        return f"mqtt://{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int:
        """The broker's process; BrokerFailed before the first start."""
        return self._running().pid

    @property
    def log_file(self) -> Path:
        """The broker's log."""
        return self._spec.log

    def start(self) -> None:
        """Start and wait until connections are taken; raise BrokerFailed with the log's end."""
        self._daemon = Daemon(self._spec)
        if not self._daemon.wait_until(lambda: answers(self.port), timeout_s=START_TIMEOUT_S):
            self._daemon.kill()
            raise BrokerFailed(
                f"the broker {self.kind} does not start on port {self.port}: "
                f"{log_tail(self._spec.log)}"
            )

    def exit_code(self) -> int | None:
        """Return how the broker ended, or None while it runs."""
        return self._running().exit_code()

    def stop(self) -> None:
        """Stop it; mosquitto writes its queues and retained messages first."""
        if self._daemon:
            self._daemon.stop()

    def kill(self) -> None:
        """End the broker at once with SIGKILL, as a crash would."""
        self._running().kill()

    def _running(self) -> Daemon:
        if self._daemon is None:
            raise BrokerFailed("the broker was never started")
        return self._daemon


@contextmanager
def run_broker(
    data_dir: Path,
    *,
    port: int | None = None,
    kind: BrokerKind | None = None,
    say: Say = log_notice,
) -> Iterator[Broker]:
    """Run a broker on `data_dir` and stop it at the end; a free port is taken without `port`.

    Without `kind` mosquitto is taken where it is installed. Raises BrokerFailed, DataInUse or
    DataUnusable.
    """
    port = port or any_free()
    program = find_mosquitto() if kind is not BrokerKind.AMQTT else None
    with folder_lock(data_dir.absolute()):
        if program:
            spec = _mosquitto(program, data_dir.absolute(), port, say)
            broker = Broker(spec, kind=BrokerKind.MOSQUITTO, port=port)
        elif kind is BrokerKind.MOSQUITTO:
            raise BrokerFailed("mosquitto is not installed: apt install mosquitto")
        else:
            say(amqtt_broker.COST)
            broker = Broker(_amqtt(data_dir, port), kind=BrokerKind.AMQTT, port=port)
        try:
            broker.start()
            yield broker
        finally:
            broker.stop()


def _mosquitto(program: Path, data_dir: Path, port: int, say: Say) -> DaemonSpec:
    account = unprivileged(_ACCOUNTS)
    home = reachable_home(data_dir, account, kind="broker", say=say)
    persistence = home / "state"
    persistence.mkdir(mode=0o700, exist_ok=True)
    # An orphan would write its state over ours when it ends.
    stop_orphans(persistence, program.name, stop_signal=signal.SIGTERM, grace_s=_ORPHAN_GRACE_S)
    _give(persistence, account)
    config = home / "mosquitto.conf"
    config.write_text(configuration(port=port, persistence=persistence), encoding="utf-8")
    config.chmod(0o644)
    return DaemonSpec(
        command=(str(program), "-c", str(config)),
        log=home / "broker.log",
        stop_signal=signal.SIGTERM,
        account=account,
        folder=persistence,
    )


def _amqtt(data_dir: Path, port: int) -> DaemonSpec:
    # It keeps no files and may live below a closed home: it runs as whoever starts it.
    return DaemonSpec(
        command=(sys.executable, amqtt_broker.__file__, str(port)),
        log=data_dir / "broker.log",
        stop_signal=signal.SIGTERM,
    )


def _give(folder: Path, account: Account | None) -> None:
    if account:
        account.own(folder, mode=0o700)
        for file in folder.iterdir():
            account.own(file, mode=0o600)
