"""Whatever tests start ends with them, also when pytest is killed while they run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid

import pytest

from tests.leftovers import MARK, marked
from tests.sources import ROOT
from tests.waiting import eventually

RUNNING = """
import os, signal, subprocess
from pathlib import Path
import pytest
from tests.processes import Motcua

@pytest.mark.parametrize("number", range(2))
def test_that_never_ends(postgres, tmp_path, number):
    Motcua("simulate", "--broker", "mqtt://127.0.0.1:1", log=tmp_path / "log")
    subprocess.Popen(["sleep", "600"], start_new_session=True)
    suspended = subprocess.Popen(["sh", "-c", "sleep 600 & wait"])
    os.kill(suspended.pid, signal.SIGSTOP)
    Path(__file__).with_name(f"up-{number}").touch()
    signal.pause()
"""


@pytest.mark.integration
@pytest.mark.parametrize(("workers", "tests"), [("0", 1), ("2", 2)])
def test_nothing_is_left_when_pytest_is_killed(tmp_path, workers, tests):
    (tmp_path / "test_running.py").write_text(RUNNING)
    token = uuid.uuid4().hex
    command = [
        sys.executable, "-m", "pytest", "-p", "tests.conftest", "-c", str(ROOT / "pyproject.toml"),
        "-p", "no:cacheprovider", "-n", workers, str(tmp_path / "test_running.py"),
    ]  # fmt: skip
    kept = {name: value for name, value in os.environ.items() if "XDIST" not in name}
    environment = {**kept, MARK: f"{os.environ[MARK]} {token}"}
    with (tmp_path / "output").open("wb") as output:
        run = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    try:
        eventually(
            lambda: run.poll() is not None or len(list(tmp_path.glob("up-*"))) == tests,
            60,
            what="the tests",
        )
        assert run.poll() is None, (tmp_path / "output").read_text()
        assert len(marked(token)) > 4 * tests, "database, part of the product, two programs"
    finally:
        run.send_signal(signal.SIGKILL)
        run.wait()
    eventually(lambda: marked(token) == [], 30, what="the end of everything")
