"""What the server's commands share: options, and errors as one clear line."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

from server.errors import ConfigurationError, ServerError

if TYPE_CHECKING:
    from pydantic_settings import BaseSettings

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound="BaseSettings")

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


def read_settings(kind: type[S]) -> S:
    """Return `kind` as the environment sets it; ConfigurationError names what is wrong there."""
    from pydantic import ValidationError

    try:
        return kind()
    except ValidationError as error:
        first = error.errors()[0]
        prefix = kind.model_config.get("env_prefix", "")
        name = f"{prefix}{'_'.join(map(str, first['loc']))}".upper()
        raise ConfigurationError(f"{name}={first['input']}: {first['msg']}") from error
