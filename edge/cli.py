"""`motcua edge`: joins the device's commands and imports each only when it is called."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import MappingProxyType

import click

_COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "watch": ("edge.watch", "Count visits, waits and expressions from the camera."),
        "kiosk": ("edge.kiosk", "Serve the rating page."),
        "tickets": ("edge.tickets", "Turn a ticket machine's calls into messages."),
        "sign-on": ("edge.sign_on", "Make the hash of an officer's PIN or badge."),
        "setup": ("edge.setup", "Serve the set-up page while a device is put into service."),
        "relay": ("edge.relay", "Carry messages from the outbox to the broker and back."),
        "replay": ("edge.replay", "Run the pipeline over recordings as fast as it can."),
        "check": ("edge.check", "Diagnose camera, models, broker, clock and disk."),
        "bench": ("edge.bench", "Measure this device: milliseconds per stage."),
    }
)


class _EdgeGroup(click.Group):
    """A group whose commands are imported when they are asked for: `command` of the module."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _ = _COMMANDS[cmd_name]
        command = importlib.import_module(module).command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


@click.group(cls=_EdgeGroup)
def command() -> None:
    """The device at a counter: three processes that meet at one SQLite file, and tools for it."""
