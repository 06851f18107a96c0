"""The console script itself: what it says before any command runs."""

from __future__ import annotations

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
