"""One process of a kind on a store, under whatever name, as long as it lives and no longer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from edge.errors import StoreTaken, StoreUnusable
from edge.store.process_lock import process_lock
from edge.store.shared_state import ProcessName
from tests.commands import call

HOLD = """
import sys, time
from pathlib import Path
from edge.store.process_lock import process_lock
from edge.store.shared_state import ProcessName
with process_lock(Path(sys.argv[3]), ProcessName(sys.argv[2])):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock of watch on a store."""
    command = [sys.executable, "-c", HOLD, "edge", "watch", str(tmp_path / "edge.sqlite3")]
    source = "rtsp://admin:s/ecret@10.0.0.5/live"
    with subprocess.Popen([*command, source], stdout=subprocess.PIPE, env=os.environ) as process:
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_the_second_of_a_kind_is_refused_and_the_first_is_named(holder, tmp_path):
    (tmp_path / "link.sqlite3").symlink_to(tmp_path / "edge.sqlite3")
    for name in ("edge.sqlite3", "link.sqlite3"):
        with (
            pytest.raises(StoreTaken, match=rf"process {holder.pid} \(motcua edge watch") as caught,
            process_lock(tmp_path / name, ProcessName.WATCH),
        ):
            pass
        assert "ecret" not in str(caught.value.problem)
    with process_lock(tmp_path / "edge.sqlite3", ProcessName.RELAY):
        pass


def test_a_killed_process_leaves_no_lock(holder, tmp_path):
    holder.send_signal(signal.SIGKILL)
    holder.wait(30)
    with process_lock(tmp_path / "edge.sqlite3", ProcessName.WATCH):
        pass


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with (
        pytest.raises(StoreUnusable, match=r"file/edge\.sqlite3 cannot be made"),
        process_lock(tmp_path / "file" / "edge.sqlite3", ProcessName.WATCH),
    ):
        pass


@pytest.mark.parametrize("process", list(ProcessName))
def test_each_process_holds_its_store(process, tmp_path, monkeypatch):
    store = tmp_path / "edge.sqlite3"
    monkeypatch.setenv("MOTCUA_EDGE__STORE__PATH", str(store))
    monkeypatch.setenv("MOTCUA_EDGE__TICKETS__SOURCE", "serial")  # or there is nothing to run
    with process_lock(store, process):
        done = call("edge", process)
    assert done.exit_code == 1
    assert f"Error: {process} runs already, as process {os.getpid()} (" in done.output
    assert not Path(store).exists()
