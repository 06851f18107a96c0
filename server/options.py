"""The options that the server's commands share."""

from __future__ import annotations

import os

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

MATRIX_THREADS = "OPENBLAS_NUM_THREADS"
"""The environment variable that numpy's linear algebra reads once, when it is loaded."""


def use_one_thread_for_matrices() -> None:
    """Keep numpy, which must not be loaded yet, from starting threads for linear algebra.

    The server's matrices are small: on a busy machine its threads wait for each other up to ten
    times as long as the work takes. What the environment says stands.
    """
    os.environ.setdefault(MATRIX_THREADS, "1")
