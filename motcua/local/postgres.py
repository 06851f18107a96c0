"""A private PostgreSQL: its own folder, loopback only, gone when its supervisor is gone."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg

from motcua.errors import DatabaseFailed
from motcua.local.accounts import unprivileged
from motcua.local.binaries import postgres_binaries
from motcua.local.clusters import SUPERUSER, Cluster
from motcua.local.daemons import Daemon, DaemonSpec, log_tail
from motcua.local.homes import reachable_home
from motcua.local.locks import folder_lock
from motcua.local.notices import Say, log_notice
from motcua.local.ports import LOOPBACK, any_free

START_TIMEOUT_S = 60.0
"""Crash recovery replays the log; on an SD card that takes a while."""

_DATABASE = "motcua"
_MAINTENANCE = "postgres"
_SETTINGS: Mapping[str, str] = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    # Parallel queries use /dev/shm, which containers keep at 64 MB.
    "max_parallel_workers_per_gather": "0",
}


class PostgresServer:
    """One server on one cluster. `start` after a crash recovers; the port stays the same."""

    def __init__(self, cluster: Cluster, *, port: int, settings: Mapping[str, str]) -> None:
        self._cluster = cluster
        self._port = port
        self._settings = {**_SETTINGS, **settings, "port": str(port)}
        self._daemon: Daemon | None = None

    @property
    def url(self) -> str:
        """The address of our database, with the password in it: never log it."""
        return self.url_of(_DATABASE)

    @property
    def port(self) -> int:
        """The TCP port on the loopback address."""
        return self._port

    @property
    def pid(self) -> int:
        """The server's process; DatabaseFailed before the first start."""
        return self._running().pid

    @property
    def log_file(self) -> Path:
        """The server's log."""
        return self._cluster.log

    def url_of(self, database: str) -> str:
        """Return the address of `database` on this server."""
        return f"postgresql://{SUPERUSER}:{self._cluster.password()}@{LOOPBACK}:{self._port}/{database}"

    def start(self) -> None:
        """Start and wait until queries are answered; raise DatabaseFailed with the log's end."""
        self._cluster.clear_leftovers()
        flags = [text for key, value in self._settings.items() for text in ("-c", f"{key}={value}")]
        binary = str(self._cluster.binaries / "postgres")
        self._daemon = Daemon(
            DaemonSpec(
                command=(binary, "-D", str(self._cluster.data), *flags),
                log=self._cluster.log,
                stop_signal=signal.SIGINT,  # "fast": ends sessions, writes a checkpoint
                account=self._cluster.account,
            )
        )
        if not self._daemon.wait_until(self._answers, timeout_s=START_TIMEOUT_S):
            self._daemon.kill()
            raise DatabaseFailed(f"the database does not start: {log_tail(self._cluster.log)}")
        self._ensure_database()

    def exit_code(self) -> int | None:
        """Return how the server ended, or None while it runs."""
        return self._running().exit_code()

    def stop(self) -> None:
        """End all sessions and stop; committed rows are on disk in any case."""
        if self._daemon:
            self._daemon.stop()

    def kill(self) -> None:
        """End the server at once with SIGKILL, as a crash would."""
        self._running().kill()

    def _running(self) -> Daemon:
        if self._daemon is None:
            raise DatabaseFailed("the database was never started")
        return self._daemon

    def _ensure_database(self) -> None:
        try:
            with closing(psycopg.connect(self.url_of(_MAINTENANCE), autocommit=True)) as connection:
                known = "SELECT 1 FROM pg_database WHERE datname = %s"
                if connection.execute(known, (_DATABASE,)).fetchone() is None:
                    connection.execute(f"CREATE DATABASE {_DATABASE}")
        except psycopg.Error as error:
            reason = str(error).partition("\n")[0]
            raise DatabaseFailed(
                f"the database cannot be made: {reason}: see {self.log_file}"
            ) from error

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self.url_of(_MAINTENANCE), connect_timeout=2) as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def run_postgres(
    data_dir: Path,
    *,
    port: int | None = None,
    settings: Mapping[str, str] | None = None,
    say: Say = log_notice,
) -> Iterator[PostgresServer]:
    """Run PostgreSQL on `data_dir` and stop it at the end; a free port is taken without `port`.

    Raises BinariesMissing, DataInUse, DataUnusable or DatabaseFailed.
    """
    account = unprivileged()
    binaries = postgres_binaries(account, say=say)
    with folder_lock(data_dir.absolute()):
        home = reachable_home(data_dir.absolute(), account, kind="cluster", say=say)
        cluster = Cluster(home=home, binaries=binaries, account=account)
        cluster.ensure()
        server = PostgresServer(cluster, port=port or any_free(), settings=settings or {})
        try:
            server.start()
            yield server
        finally:
            server.stop()
