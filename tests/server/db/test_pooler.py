"""A pooler in front of PostgreSQL is refused at the start, in one line, however it is set up."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from motcua.local.accounts import unprivileged
from motcua.local.daemons import Daemon, DaemonSpec, log_tail
from motcua.local.ports import answers
from server.db.connection import connect
from server.errors import DatabaseUnfit
from tests.commands import call
from tests.processes import free_port

pytestmark = pytest.mark.integration

# With the parameter that carries our session's settings refused, as pgbouncer does by itself, or
# ignored, as its users set it up when a client complains.
SET_UP = ("", "extra_float_digits,options")


@contextmanager
def pooled(
    program: Path, folder: Path, database_url: str, *, mode: str, ignored: str
) -> Iterator[str]:
    """Give the address of a pgbouncer in front of `database_url`."""
    real, port, log = urlsplit(database_url), free_port(), folder / "pgbouncer.log"
    account = f"user={real.username} password={real.password}"
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        f"""[databases]
motcua = host={real.hostname} port={real.port} dbname={real.path[1:]} {account}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
ignore_startup_parameters = {ignored}
"""
    )
    spec = DaemonSpec(
        command=(str(program), str(settings)),
        log=log,
        stop_signal=signal.SIGINT,
        account=unprivileged(),
    )
    pooler = Daemon(spec)
    try:
        assert pooler.wait_until(lambda: answers(port), timeout_s=20), log_tail(log)
        yield f"postgresql://motcua@127.0.0.1:{port}/motcua"
    finally:
        pooler.stop()


@pytest.mark.parametrize("ignored", SET_UP, ids=["options-refused", "options-ignored"])
@pytest.mark.parametrize("mode", ["session", "transaction", "statement"])
def test_pooler_is_refused_with_what_to_do(pgbouncer, tmp_path, database_url, mode, ignored):
    with (
        pooled(pgbouncer, tmp_path, database_url, mode=mode, ignored=ignored) as url,
        pytest.raises(DatabaseUnfit, match=r"connection pooler.*--database-url") as caught,
    ):
        connect(url)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "words",
    [
        ("db", "status"),
        ("server", "ingest"),
        ("server", "api"),
        ("server", "worker"),
        ("server", "replay-quarantine"),
    ],
    ids=" ".join,
)
def test_every_command_refuses_a_transaction_pooler(pgbouncer, tmp_path, database_url, words):
    with pooled(pgbouncer, tmp_path, database_url, mode="transaction", ignored=SET_UP[1]) as url:
        result = call(*words, "--database-url", url)
    assert result.exit_code == 1
    assert result.output.startswith("Error: database 127.0.0.1:")
    assert "connection pooler" in result.output
