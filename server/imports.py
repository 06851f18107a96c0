"""`motcua import`: units from CSV, with a report of every rejected row."""

from __future__ import annotations

from pathlib import Path

import click

from server.options import database_option


@click.group("import")
def command() -> None:
    """Import units from CSV."""


@command.command("units")
@click.argument("file", type=click.Path(path_type=Path))
@database_option
def units_command(file: Path, database_url: str) -> None:
    """Import units from FILE with the columns id, parent, name_vi, name_en, kind.

    The columns valid_from and valid_to (the first day after the last) may follow, as 2026-07-01.
    """
    from server.db.connection import session
    from server.db.migrations import require_current
    from server.units.imports import read_units
    from server.units.store import store_units

    rows = read_units(file)
    with session(database_url) as connection:
        require_current(connection)
        report = store_units(connection, rows)
    for rejected in report.rejected:
        click.echo(f"{file.name}:{rejected.line}: {rejected.reason}", err=True)
    click.echo(f"{report.stored} units imported, {len(report.rejected)} rows rejected.")
    if report.rejected:
        raise SystemExit(1)
