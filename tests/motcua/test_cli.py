"""The console script itself: what it says before any command runs."""

from __future__ import annotations

import subprocess
import sys

import pytest
from click.testing import CliRunner

from motcua.cli import main


def test_every_command_is_listed_with_what_it_does():
    listed = CliRunner().invoke(main, ["--help"]).output
    for command in ("run", "simulate", "edge", "server", "db", "import", "dashboards", "models"):
        assert f"\n  {command} " in listed


@pytest.mark.parametrize("level", ["loud", ""])
def test_unknown_log_level_is_one_line_that_names_the_known_ones(level):
    result = CliRunner().invoke(main, ["models", "list"], env={"MOTCUA_LOG_LEVEL": level})
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: MOTCUA_LOG_LEVEL is {level!r}; known: ")
    assert "debug" in result.output


@pytest.mark.parametrize(
    ("package", "command", "role"),
    [
        ("uvicorn", "server api", "server"),
        ("psycopg", "server ingest", "server"),
        ("dash", "dashboards", "dashboards"),
        ("onnxruntime", "edge watch --models none", "edge"),
    ],
)
def test_command_without_its_packages_says_which_to_install(package, command, role, tmp_path):
    hidden = f"import sys; sys.modules[{package!r}] = None; import motcua.cli; motcua.cli.main()"
    done = subprocess.run(
        [sys.executable, "-c", hidden, *command.split()],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        timeout=60,
    )
    name = command.split()[0]
    assert done.returncode == 1
    assert done.stderr == (
        f"Error: `motcua {name}` needs {package}, which is not installed: "
        f"pip install 'motcua[{role}]'\n"
    )
