"""The tests that need PyTorch, run in the environment where it is, unless nothing has changed."""

from __future__ import annotations

import subprocess

import pytest

from tests.models.lab.training import tested
from tests.sources import ROOT

PYTHON = ROOT / ".venv-lab" / "bin" / "python"


@pytest.mark.timeout(1200)
def test_training_works_in_its_own_environment():
    if tested.is_unchanged():
        pytest.skip("training is what its tests last passed on: models/lab/training/TESTED")
    if not PYTHON.exists():
        pytest.skip("PyTorch is not set up; sh setup.sh train --help")
    done = subprocess.run(
        tested.tests_command(PYTHON),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=1190,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "skipped" not in done.stdout
