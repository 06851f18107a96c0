"""`motcua edge`: joins the unit's commands and imports each only when it is called."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import MappingProxyType

import click

from edge.errors import EdgeError

_COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "watch": ("edge.watch", "Count visits, waits and expressions from the camera."),
        "kiosk": ("edge.kiosk", "Serve the rating page."),
        "relay": ("edge.relay", "Carry messages from the outbox to the broker and back."),
        "replay": ("edge.replay", "Run the pipeline over recordings as fast as it can."),
        "check": ("edge.check", "Diagnose camera, models, broker, clock and disk."),
        "bench": ("edge.bench", "Measure this device: milliseconds per stage."),
    }
)


class _EdgeGroup(click.Group):
    """Commands are imported when they are asked for; the unit's errors become one line each."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _ = _COMMANDS[cmd_name]
        command = importlib.import_module(module).command
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except EdgeError as error:
            raise click.ClickException(str(error)) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


@click.group(cls=_EdgeGroup)
def command() -> None:
    """The counter unit: three processes that meet at one SQLite file, and tools for it."""
