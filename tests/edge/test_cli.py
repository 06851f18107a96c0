"""`motcua edge` as a group of commands."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from edge.cli import command
from runtime.errors import ReportedError


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


def test_errors_are_left_to_the_console_script_as_one_line(tmp_path):
    error = run("replay", "bundled", "--config", str(tmp_path / "absent.toml")).exception
    assert isinstance(error, ReportedError)
    assert str(error).startswith("settings file")
    assert "\n" not in str(error)
