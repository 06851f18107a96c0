"""What the server's commands share: options, and errors as one clear line."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import click

from server.errors import ServerError

P = ParamSpec("P")
R = TypeVar("R")

database_option = click.option(
    "--database-url",
    envvar="MOTCUA_DATABASE_URL",
    default="postgresql://postgres@127.0.0.1:5432/motcua",
    show_default=True,
    help="PostgreSQL 15 or newer, as postgresql://user:password@host:port/database.",
)

broker_option = click.option(
    "--broker",
    "broker_url",
    envvar="MOTCUA_BROKER_URL",
    default="mqtt://127.0.0.1:1883",
    show_default=True,
    help="The MQTT broker, as mqtt://user:password@host:port.",
)


def reported(function: Callable[P, R]) -> Callable[P, R]:
    """Return `function` with every ServerError turned into one line on stderr and exit code 1."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except ServerError as error:
            raise click.ClickException(str(error)) from error

    return run
