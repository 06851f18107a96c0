"""`motcua edge` as a group of commands."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from edge.cli import command


def run(*arguments):
    return CliRunner().invoke(command, arguments, prog_name="motcua edge")


def test_it_names_every_command_and_what_it_does():
    output = run("--help").output
    for name in ("watch", "kiosk", "relay", "replay", "check", "bench"):
        assert f"  {name} " in output


@pytest.mark.parametrize("name", ["watch", "kiosk", "relay", "replay", "bench"])
def test_every_command_explains_itself(name):
    result = run(name, "--help")
    assert result.exit_code == 0
    assert "--config" in result.output


def test_an_unknown_command_is_refused():
    assert "No such command" in run("wach").stderr


def test_the_unit_s_errors_are_one_line(tmp_path):
    result = run("replay", "bundled", "--config", str(tmp_path / "absent.toml"))
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: settings file")
