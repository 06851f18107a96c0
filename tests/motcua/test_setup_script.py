"""The script behind the two commands: plain sh, clean, quick when there is nothing to do."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ("setup.sh", ".ci/run")


def _sh(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("script", SCRIPTS)
def test_script_parses_as_plain_sh(script: str) -> None:
    result = _sh("-n", script)
    assert result.returncode == 0, result.stderr


def test_unknown_task_is_one_line_that_lists_the_tasks() -> None:
    result = _sh("setup.sh", "dance")
    assert result.returncode == 1
    assert re.fullmatch(r"setup: no task is called dance; tasks: run test check.*\n", result.stderr)


def test_second_set_up_waits_for_the_first(tmp_path: Path) -> None:
    script = Path(shutil.copy(ROOT / "setup.sh", tmp_path))
    with script.open() as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        second = subprocess.Popen(
            ["sh", str(script), "install"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            process_group=0,
        )
        with second:
            assert second.stdout
            said = second.stdout.readline()
            os.killpg(second.pid, signal.SIGKILL)
    assert said == "another set-up works in this folder: waiting for it ...\n"


def test_makefile_has_every_task() -> None:
    tasks = re.search(r"tasks: ([a-z -]+)", (ROOT / "setup.sh").read_text())
    targets = re.search(r"^([a-z -]+):$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert tasks
    assert targets
    assert set(tasks[1].split()) == set(targets[1].split())


@pytest.mark.parametrize("script", SCRIPTS)
def test_no_registry_is_named(script: str) -> None:
    assert not re.search(r"https?://|--index-url|pypi", (ROOT / script).read_text())
