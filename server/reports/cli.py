"""`motcua report`: what can be printed of rankings and classes."""

from __future__ import annotations

import click

from server.reports.explain import explain_command, schemes_command
from server.reports.rankings import rankings_command


@click.group("report")
def command() -> None:
    """Rankings, classes and schemes as text."""


command.add_command(rankings_command)
command.add_command(explain_command)
command.add_command(schemes_command)
