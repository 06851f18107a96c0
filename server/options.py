"""The options that the server's commands share."""

from __future__ import annotations

import click

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

dashboards_option = click.option(
    "--dashboards-url",
    envvar="MOTCUA_DASHBOARDS_URL",
    default="http://127.0.0.1:8050",
    show_default=True,
    help="The dashboards' public address, for links that are printed.",
)
