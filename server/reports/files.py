"""`motcua report unit`, `officer`, `appraisal`, `monthly` and `statutory`: reports as files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import click

from server.options import database_option

if TYPE_CHECKING:
    from server.reports.questions import ReportQuestion
    from server.reports.store import Asker

File: TypeAlias = tuple[str, bytes]
"""A name and what is in it."""

F = TypeVar("F", bound=Callable[..., Any])

FORMATS = ("xlsx", "pdf", "csv", "json")

period_option = click.option(
    "--period", required=True, help="A period of the calendar: 2026-10, 2026-Q4, 2026, …"
)
scheme_option = click.option("--scheme", help="With classes by it, for instance qd766-2022.")
scope_option = click.option(
    "--scope", default="province", show_default=True, help="Or subtree:UNIT."
)
language_option = click.option(
    "--lang", type=click.Choice(["vi", "en"]), default="vi", show_default=True
)
output_option = click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="Where to; without it a name of the report's own in this folder, `-` for standard output.",
)


def _written(command: F) -> F:
    chosen = click.option(
        "--format", "written", type=click.Choice(FORMATS), default="pdf", show_default=True
    )
    for option in (database_option, output_option, language_option, chosen, period_option):
        command = option(command)
    return command


@click.command("unit")
@click.argument("unit")
@scheme_option
@_written
def unit_command(**given: Any) -> None:  # noqa: ANN401 - options
    """Write all figures of UNIT beside former periods, and its class by a scheme."""
    write_report("unit", **given)


@click.command("officer")
@click.argument("unit")
@click.argument("officer")
@scheme_option
@_written
def officer_command(**given: Any) -> None:  # noqa: ANN401 - options
    """Write all figures of OFFICER in UNIT, and the class by a scheme; it is noted who looked."""
    write_report("officer", **given)


@click.command("appraisal")
@click.option("--scheme", required=True, help="For instance qd766-2022.")
@click.option("--unit", help="One appraisal with its points and steps; without it a list of all.")
@click.option("--officer", help="That of an officer of the unit.")
@_written
def appraisal_command(**given: Any) -> None:  # noqa: ANN401 - options
    """Write the appraisals of a period, or one of them as a sheet to sign."""
    write_report("appraisal", **given)


@click.command("monthly")
@scheme_option
@scope_option
@_written
def monthly_command(**given: Any) -> None:  # noqa: ANN401 - options
    """Write a month's figures, the units' and their rankings: what is sent by e-mail."""
    write_report("monthly", **given)


@click.command("statutory")
@click.option("--template", default="dossier-handling", show_default=True, help="Which form.")
@scope_option
@_written
def statutory_command(**given: Any) -> None:  # noqa: ANN401 - options
    """Write tables whose form a rule lays down; check them against the form in force."""
    write_report("statutory", **given)


def write_report(
    kind: str,
    *,
    database_url: str,
    written: str,
    output: Path | None,
    lang: str,
    **given: Any,  # noqa: ANN401
) -> None:
    """Make a report, store what identifies it, and write its file; say where it is."""
    from server.reports.questions import ReportQuestion

    now = datetime.now(UTC)
    question = ReportQuestion.read({"kind": kind, "language": lang, **given}, now)
    name, content = _made(database_url, question, written, now)
    if output is not None and str(output) == "-":
        click.echo(content, nl=False)
        return
    file = Path(name) if output is None else output
    _store(file, content)
    click.echo(f"{file}: {len(content):,} bytes")


def _made(database_url: str, question: ReportQuestion, written: str, now: datetime) -> File:
    import asyncio
    from dataclasses import replace

    from server.audit.commands import command_entry
    from server.audit.entries import Action
    from server.audit.store import record
    from server.db.commands import opened
    from server.options import use_one_thread_for_matrices

    use_one_thread_for_matrices()
    from runtime.settings import read_settings
    from server.reports import store
    from server.reports.document import Format
    from server.reports.issuing import make_file
    from server.schemes.library import SchemeSettings, load_schemes
    from server.schemes.versions import known_schemes

    schemes = load_schemes(read_settings(SchemeSettings))
    entry = command_entry(Action.REPORT_ISSUED, str(question.place), **question.kept())
    asker = console(entry.actor, question)
    form = Format(written)

    async def make() -> File:
        async with opened(database_url) as database:
            if question.officer is not None:
                subject = f"{question.place};officer:{question.officer}"
                seen = command_entry(Action.OFFICER_SEEN, subject, period=str(question.period))
                async with database.write() as connection:
                    await record(connection, seen)
            known = await database.ask(partial(known_schemes, shipped=schemes))
            document, content = await make_file(database, question, form, asker, known, now)
            async with database.write() as connection:
                digest = await store.issue(
                    connection, question, document, form, content, asker, now
                )
                await record(connection, entry)
                if document.names_officers:
                    await record(connection, replace(entry, action=Action.OFFICER_SEEN))
        return question.file_name(form, digest), content

    return asyncio.run(make())


def console(name: str, question: ReportQuestion) -> Asker:
    """Return who asks on a server's own console: of officers no more than the report is about."""
    from server.db.viewers import ALL
    from server.reports.questions import ReportKind
    from server.reports.store import Asker

    of_officers = question.kind in (ReportKind.OFFICER, ReportKind.APPRAISAL)
    officers = ALL if of_officers else ""
    return Asker(name=name, kind="command", officers=officers, staff=ALL)


def _store(file: Path, content: bytes) -> None:
    from server.errors import FileNotWritten

    try:
        file.write_bytes(content)
    except OSError as error:
        raise FileNotWritten(f"{file} cannot be written: {error.strerror or error}") from error
