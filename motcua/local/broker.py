"""A private MQTT broker: mosquitto where it is installed, else amqtt; loopback only."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from motcua.errors import BrokerFailed
from motcua.local import amqtt_broker
from motcua.local.accounts import Account, unprivileged
from motcua.local.daemons import Daemon, DaemonSpec, log_tail
from motcua.local.homes import reachable_home
from motcua.local.locks import folder_lock
from motcua.local.mosquitto import STORE, configuration, find_mosquitto
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

    def __init__(
        self,
        spec: DaemonSpec,
        *,
        kind: BrokerKind,
        port: int,
        store: Path | None = None,
        say: Say = log_notice,
    ) -> None:
        self._spec = spec
        self._daemon: Daemon | None = None
        self._store = store
        self._say = say
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
        """Start and wait until connections are taken; raise BrokerFailed with the log's end.

        A store with which it does not start, and without which it does, is set aside.
        """
        if self._starts():
            return
        reason = log_tail(self.log_file)
        if self._ends_by_itself() and self._starts_without_store(reason):
            return
        raise BrokerFailed(
            f"the broker {self.kind} does not start on port {self.port}: {reason}; "
            f"see {self.log_file}"
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

    def _starts(self) -> bool:
        self._daemon = Daemon(self._spec)
        return self._daemon.wait_until(lambda: answers(self.port), timeout_s=START_TIMEOUT_S)

    def _ends_by_itself(self) -> bool:
        """Return whether it has ended, as it does with a damaged store; end one that hangs."""
        ended = self.exit_code() is not None
        self.kill()
        return ended

    def _starts_without_store(self, reason: str) -> bool:
        """Set the store aside and start empty; put it back where the store is not to blame."""
        store = self._store
        if store is None or not store.exists():
            return False
        aside = store.with_name(f"{store.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
        store.rename(aside)
        if self._starts():
            self._say(
                f"the broker's store {store} is damaged ({reason}): it is kept as {aside} and the "
                "broker starts empty; devices send again what the server has not acknowledged"
            )
            return True
        self.kill()
        aside.replace(store)
        return False

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
            store = spec.folder / STORE
            broker = Broker(spec, kind=BrokerKind.MOSQUITTO, port=port, store=store, say=say)
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
