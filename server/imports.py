"""`motcua import`: units from CSV, with a report of every rejected row."""

from __future__ import annotations

from pathlib import Path

import click

from server.options import database_option, reported


@click.group("import")
def command() -> None:
    """Import units from CSV."""


@command.command("units")
@click.argument("file", type=click.Path(path_type=Path))
@database_option
@reported
def units_command(file: Path, database_url: str) -> None:
    """Import units from FILE with the columns id, parent, name_vi, name_en, kind."""
    from server.db.connection import connect
    from server.db.units import store_units
    from server.units import read_units

    with connect(database_url, autocommit=True) as connection:
        report = store_units(connection, read_units(file))
    for rejected in report.rejected:
        click.echo(f"{file.name}:{rejected.line}: {rejected.reason}", err=True)
    click.echo(f"{report.stored} units imported, {len(report.rejected)} rows rejected.")
    if report.rejected:
        raise SystemExit(1)
