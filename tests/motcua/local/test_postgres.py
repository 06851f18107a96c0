"""The private PostgreSQL: private files, kept data, and a start after every kind of end."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest

from motcua.errors import DataInUse
from motcua.local.postgres import PostgresServer, run_postgres
from tests.waiting import eventually

pytestmark = pytest.mark.integration

_KEEP_RUNNING = """
import sys, signal
from pathlib import Path
from motcua.local.postgres import run_postgres
with run_postgres(Path(sys.argv[1])) as server:
    print("ready", server.pid, flush=True)
    signal.pause()
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_accented_text_is_compared_and_upper_cased(postgres: PostgresServer) -> None:
    with psycopg.connect(postgres.url) as connection:
        row = connection.execute("SELECT upper('đường'), current_setting('server_encoding')")
        assert row.fetchone() == ("ĐƯỜNG", "UTF8")


def test_a_wrong_password_is_refused(postgres: PostgresServer) -> None:
    wrong = f"postgresql://motcua:wrong@127.0.0.1:{postgres.port}/postgres"
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_only_loopback_listens(postgres: PostgresServer) -> None:
    listening = psutil.Process(postgres.pid).net_connections(kind="inet")
    assert {connection.laddr.ip for connection in listening if connection.laddr} == {"127.0.0.1"}


def test_files_are_closed_to_other_users(data: Path) -> None:
    with run_postgres(data):
        pass
    assert stat.S_IMODE((data / "password").stat().st_mode) == 0o600
    assert stat.S_IMODE((data / "cluster").stat().st_mode) == 0o700
    assert stat.S_IMODE((data / "postgres.log").stat().st_mode) == 0o600
    assert not (data / "initial-password").exists()


def test_the_server_is_not_root(postgres: PostgresServer) -> None:
    assert psutil.Process(postgres.pid).uids().effective != 0


def test_data_and_password_outlive_a_restart(data: Path) -> None:
    with run_postgres(data) as server, psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        password = server.url.partition("@")[0]
    with run_postgres(data) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)
        assert server.url.partition("@")[0] == password


def test_a_killed_server_recovers_every_committed_row_on_the_same_port(data: Path) -> None:
    with run_postgres(data) as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("CREATE TABLE counted (number int)")
            for number in range(50):
                connection.execute("INSERT INTO counted VALUES (%s)", (number,))
            port = server.port
            server.kill()
        assert server.exit_code() == -signal.SIGKILL
        server.start()
        assert server.port == port
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT count(*) FROM counted").fetchone() == (50,)


def test_a_second_supervisor_is_told_who_holds_the_folder(data: Path) -> None:
    with (
        run_postgres(data),
        pytest.raises(DataInUse, match=f"in use by process {os.getpid()}"),
        run_postgres(data),
    ):
        pass


def _supervised(data: Path) -> tuple[subprocess.Popen[str], int]:
    supervisor = subprocess.Popen(
        [sys.executable, "-c", _KEEP_RUNNING, str(data)], stdout=subprocess.PIPE, text=True
    )
    assert supervisor.stdout is not None
    with supervisor.stdout:
        ready = next(line for line in supervisor.stdout if line.startswith("ready"))
    return supervisor, int(ready.split()[1])


def _gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_the_server_ends_with_its_killed_supervisor(data: Path) -> None:
    supervisor, server_pid = _supervised(data)
    supervisor.kill()
    supervisor.wait()
    eventually(lambda: _gone(server_pid), what="the database's end")
    with run_postgres(data):
        pass


def test_an_orphan_server_is_ended_before_the_next_start(data: Path) -> None:
    supervisor, server_pid = _supervised(data)
    # A suspended process cannot act on its supervisor's death: the next start meets it.
    os.kill(server_pid, signal.SIGSTOP)
    supervisor.kill()
    supervisor.wait()
    with run_postgres(data) as server:
        assert server.pid != server_pid
        assert _gone(server_pid)


@pytest.mark.parametrize("pid_of", [os.getpid, lambda: 2**22 - 1], ids=["reused", "free"])
def test_a_stale_pid_file_does_not_block_the_start(data: Path, pid_of) -> None:
    with run_postgres(data):
        pass
    pid_file = data / "cluster" / "postmaster.pid"
    pid_file.write_text(f"{pid_of()}\n{data}/cluster\n1700000000\n5432\n\n127.0.0.1\n  1 1\n")
    owner = (data / "cluster").stat()
    os.chown(pid_file, owner.st_uid, owner.st_gid)
    with run_postgres(data):
        pass


def test_a_cluster_made_halfway_is_made_again(data: Path) -> None:
    with run_postgres(data):
        pass
    (data / "cluster" / "PG_VERSION").unlink()
    (data / "draft").mkdir()
    with run_postgres(data):
        pass
