"""Says whether training is still what its tests last passed on: models/lab/training/TESTED.

The digest covers the code of training and of its tests, the code of ours that they import, the
bundled weights with their manifests, the lock file and the version of PyTorch.

    python3 -m tests.models.lab.training.tested    # exit code 0 when nothing has changed
    sh setup.sh train-tests                    # runs the tests that need PyTorch, renews the digest

Needs nothing but the standard library: CI asks before it installs anything.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.sources import ROOT
from tests.sources import digest as digest_of

TESTED = ROOT / "models" / "lab" / "training" / "TESTED"

_COVERED = (
    "models/lab/training/*.py",
    "tests/models/lab/training/*.py",
    "models/bundled/*.onnx",
    "models/bundled/*.npz",
    "models/manifests/motcua-*.toml",
    "requirements/lab.txt",
)
_NEED_TORCH = ("torch", "start", "runs", "main")


def digest(root: Path = ROOT) -> str:
    """Return the digest of what the tests of training run on."""
    setup = (root / "setup.sh").read_text(encoding="utf-8")
    torch = re.findall(r"^TORCH=.*$", setup, re.MULTILINE)
    return digest_of(_COVERED, *torch, root=root)


def is_unchanged() -> bool:
    """Return whether the tests of training passed on exactly this tree."""
    return TESTED.is_file() and TESTED.read_text(encoding="utf-8").strip() == digest()


def tests_command(python: str | Path) -> list[str]:
    """Return the command that runs the tests that need PyTorch, in the environment of `python`."""
    # tests/conftest.py needs packages that training does without.
    options = ["-q", "--noconftest", "-o", "filterwarnings=default", "-o", "timeout=900"]
    tests = [f"tests/models/lab/training/test_{name}.py" for name in _NEED_TORCH]
    return [str(python), "-m", "pytest", *options, *tests]


def renew() -> int:
    """Run the tests that need PyTorch in this environment; keep the digest if they pass."""
    code = subprocess.run(tests_command(sys.executable), cwd=ROOT, check=False).returncode
    if code == 0:
        TESTED.write_text(f"{digest()}\n", encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(renew() if sys.argv[1:] == ["--renew"] else not is_unchanged())
