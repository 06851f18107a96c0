"""docs/commands.md names every command and every option that `motcua` has, and no other."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import pytest

from motcua.cli import main
from tests.docs.repository import ROOT

PAGE = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `(motcua [^`]+?)(?: FILE…?)?` \|(.+)$", PAGE, re.MULTILINE))
SAID_ONCE = {"--help", "--config", "--database-url"}


def leaves(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group, info_name=path)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from leaves(command, f"{path} {name}")
            if command.invoke_without_command:
                yield f"{path} {name}", command
        else:
            yield f"{path} {name}", command


@pytest.fixture(scope="module")
def commands() -> dict[str, click.Command]:
    return dict(leaves(main, "motcua"))


def test_every_command_has_a_row_and_every_row_a_command(commands):
    assert ROWS.keys() == commands.keys()


def test_every_option_of_a_command_is_named(commands):
    missing = [
        f"{path} {option}"
        for path, command in commands.items()
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.hidden
        for option in (*parameter.opts, *parameter.secondary_opts)
        if option not in SAID_ONCE
        if not (option == "--broker" and path.startswith("motcua server"))
        if not re.search(rf"`{re.escape(option)}\b", ROWS.get(path, ""))
    ]
    assert not missing


def test_no_row_names_an_option_that_is_gone(commands):
    for path, text in ROWS.items():
        known = {option for p in commands[path].params for option in (*p.opts, *p.secondary_opts)}
        assert set(re.findall(r"`(--[\w-]+)", text)) <= known, path
