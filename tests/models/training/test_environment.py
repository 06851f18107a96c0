"""The tests that need PyTorch, run in the environment where it is."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PYTHON = ROOT / ".venv-train" / "bin" / "python"


@pytest.mark.timeout(1200)
@pytest.mark.skipif(not PYTHON.exists(), reason="PyTorch is not set up; sh setup.sh train --help")
def test_training_works_in_its_own_environment():
    tests = [f"tests/models/training/test_{name}.py" for name in ("torch", "start", "runs", "main")]
    options = ["-q", "--noconftest", "-o", "filterwarnings=default", "-o", "timeout=300"]
    done = subprocess.run(
        [PYTHON, "-m", "pytest", *options, *tests],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=1190,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "skipped" not in done.stdout
