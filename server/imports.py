"""`motcua import`: each kind of table, with a report of every rejected row."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import click

from server.options import database_option

if TYPE_CHECKING:
    from psycopg import AsyncConnection

    from server.tabular.imports import Kind, Report

KINDS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "units": ("server.units.imports", "UNITS", "Import the tree of units and its mergers."),
        "counters": ("server.units.imports", "COUNTERS", "Import the counters of units."),
        "staff": ("server.staff.imports", "STAFF", "Import officers and their posts."),
        "assignments": (
            "server.staff.imports",
            "ASSIGNMENTS",
            "Import rosters: who serves where and when.",
        ),
        "calendars": (
            "server.calendars.imports",
            "CALENDARS",
            "Import working hours and days off.",
        ),
        "procedures": (
            "server.procedures.imports",
            "PROCEDURES",
            "Import procedures, their families and limits.",
        ),
        "targets": (
            "server.targets.imports",
            "TARGETS",
            "Import what plans and decisions ask for.",
        ),
        "dossiers": ("server.dossiers.imports", "dossiers", "Import dossiers."),
        "complaints": ("server.complaints.imports", "complaints", "Import complaints."),
    }
)
"""Of each kind the module, the name there of its Kind or of what makes it, and what it does.
"""


def kind_of(name: str) -> Kind[Any]:
    """Return how the tables of this name are read and stored, as of this moment."""
    module, kind_name, _ = KINDS[name]
    found = getattr(importlib.import_module(module), kind_name)
    kind: Kind[Any] = found() if callable(found) else found
    return kind


@click.group("import")
def command() -> None:
    """Import tables from CSV, XLSX or ODS."""


_PATH = click.Path(path_type=Path)
_OPTIONS = (
    click.argument("files", nargs=-1, type=_PATH, metavar="FILE…"),
    click.option("--template", type=_PATH, help="Write an empty XLSX to fill in here."),
    click.option("--dry-run", is_flag=True, help="Report only; nothing is kept."),
    click.option("--keep-going", is_flag=True, help="Keep a file's right rows without the rest."),
    click.option(
        "--rejected",
        type=_PATH,
        help="Where rejected rows are saved; otherwise beside FILE, as NAME.rejected.csv.",
    ),
    database_option,
)


def _command(name: str, text: str) -> click.Command:
    """Return one kind's command; the kind is imported when it runs."""

    def run(
        files: tuple[Path, ...],
        template: Path | None,
        rejected: Path | None,
        database_url: str,
        **choices: bool,
    ) -> None:
        if template is None and not files:
            raise click.UsageError("name a file to import, or --template FILE")
        if rejected is not None and len(files) != 1:
            raise click.UsageError("--rejected is for one file")
        if rejected is not None and rejected.resolve() == files[0].resolve():
            raise click.UsageError("--rejected would overwrite the file that is imported")
        if template is not None:
            _write_template(template, kind_of(name))
        if files and not asyncio.run(_import(name, files, rejected, database_url, **choices)):
            raise SystemExit(1)

    for option in reversed(_OPTIONS):
        run = option(run)
    return click.command(name, help=text)(run)


def _write_template(path: Path, kind: Kind[Any]) -> None:
    from server.tabular.templates import write_template

    write_template(path, kind.record)
    click.echo(f"{path} is written.")


async def _import(
    name: str,
    files: Sequence[Path],
    rejected: Path | None,
    database_url: str,
    *,
    keep_going: bool,
    dry_run: bool,
) -> bool:
    """Import the files one after another and return whether every row was taken."""
    from server.db.connection import async_session, session
    from server.db.migrations import require_current
    from server.tabular.imports import import_file
    from server.tabular.terminal import Terminal

    with session(database_url) as connection:
        require_current(connection)
    worked = True
    async with async_session(database_url) as connection:
        for file in files:
            kind = kind_of(name)
            beside = None if dry_run else file.with_name(f"{file.stem}.rejected.csv")
            with Terminal(file, rejected or beside) as terminal:
                report = await import_file(
                    connection,
                    kind,
                    file,
                    terminal.watcher(),
                    record=partial(_note, kind=name, file=file),
                    keep_going=keep_going,
                    dry_run=dry_run,
                )
            terminal.say_end(kind.record.kind, report, dry_run=dry_run)
            worked = worked and not report.rejected
    return worked


async def _note(connection: AsyncConnection, report: Report, *, kind: str, file: Path) -> None:
    from server.audit.commands import note_command
    from server.audit.entries import Action

    await note_command(
        connection,
        Action.RECORDS_IMPORTED,
        kind,
        file=file.name,
        stored=report.stored,
        rejected=report.rejected,
        committed=report.committed,
    )


for _name, (_, _, _text) in KINDS.items():
    command.add_command(_command(_name, _text))
