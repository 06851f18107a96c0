"""The options that the server's commands share."""

from __future__ import annotations

import click

from runtime.root_path import read_root_path

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


def _read_root_path(_: click.Context, __: click.Parameter, written: str) -> str:
    try:
        return read_root_path(written)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


root_path_option = click.option(
    "--root-path",
    envvar="MOTCUA_API_ROOT_PATH",
    default="",
    callback=_read_root_path,
    help="The path below which a reverse proxy serves the API, such as /motcua-api.",
)

dashboards_option = click.option(
    "--dashboards-url",
    envvar="MOTCUA_DASHBOARDS_URL",
    default="http://127.0.0.1:8050",
    show_default=True,
    help="The dashboards' public address, for links that are printed.",
)
