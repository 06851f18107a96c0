"""ONNX Runtime's wheels report to their maker by default; on a counter unit they must not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
SUPPRESSED_BY = ("CI", "ORT_DISABLE_TELEMETRY", "ORT_RUNNING_UNIT_TESTS", "XDG_CACHE_HOME")


def files_left_by(statement: str, home: Path) -> list[Path]:
    """Run `statement` where telemetry would be on, off the network; return what it left at home."""
    kept = {name: value for name, value in os.environ.items() if name not in SUPPRESSED_BY}
    nowhere = "http://127.0.0.1:9"
    subprocess.run(
        [sys.executable, "-c", statement],
        env={**kept, "HOME": str(home), "HTTPS_PROXY": nowhere, "https_proxy": nowhere},
        check=True,
        capture_output=True,
    )
    return [path for path in home.rglob("*") if path.is_file() and "onnxruntime" in str(path)]


def test_loading_models_leaves_no_identifier_of_the_device(tmp_path):
    assert files_left_by("import edge.vision.session", tmp_path) == []


def test_a_wish_for_telemetry_in_the_environment_is_overruled(tmp_path):
    wish = "import os; os.environ['ORT_DISABLE_TELEMETRY'] = '0'; "
    assert files_left_by(f"{wish}import edge.vision.session", tmp_path) == []


def test_services_say_so_too():
    common = ROOT / "hardware" / "systemd" / "motcua-.service.d" / "10-common.conf"
    text = common.read_text(encoding="utf-8")
    assert "Environment=ORT_DISABLE_TELEMETRY=1" in text
