"""`motcua report explain` and `schemes`: where a class comes from; whether schemes are right."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
from psycopg import AsyncConnection

from server.options import database_option


@click.command("explain")
@click.argument("unit")
@click.option("--scheme", "scheme_id", required=True, help="For instance qd766-2022.")
@click.option("--period", required=True, help="A month, quarter or year: 2026-10, 2026-Q4, 2026.")
@click.option("--officer", help="An officer of the unit, for a scheme of officers.")
@click.option("--lang", type=click.Choice(["vi", "en"]), default="vi", show_default=True)
@database_option
def explain_command(
    unit: str, scheme_id: str, period: str, officer: str | None, lang: str, database_url: str
) -> None:
    """Print where each point of UNIT's class comes from: formula, numbers, readings, evidence."""
    from contract.texts import Language
    from runtime.settings import read_settings
    from server.audit.commands import command_entry
    from server.audit.entries import Action
    from server.audit.store import record
    from server.db.commands import run_once
    from server.periods import Period
    from server.schemes.explaining import explain_one
    from server.schemes.explanations import as_text
    from server.schemes.library import SchemeSettings, load_schemes, scheme_of
    from server.schemes.sight import subject_of
    from server.schemes.versions import known_schemes

    now = datetime.now(UTC)
    wanted = Period.parse(period, now)
    shipped = load_schemes(read_settings(SchemeSettings))

    async def read(connection: AsyncConnection) -> str:
        scheme = scheme_of(await known_schemes(connection, shipped), scheme_id, wanted)
        if officer is not None:
            entry = command_entry(
                Action.OFFICER_SEEN, subject_of(unit, officer), scheme=scheme.id, period=str(wanted)
            )
            await record(connection, entry)
        _, explanation = await explain_one(
            connection,
            scheme=scheme,
            period=wanted,
            unit=unit,
            officer=officer,
            now=now,
            language=Language(lang),
        )
        return as_text(explanation)

    click.echo(run_once(database_url, read), nl=False)


@click.command("schemes")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Further schemes to check with those that are shipped; else MOTCUA_SCHEMES_FOLDER.",
)
def schemes_command(folder: Path | None) -> None:
    """List every version of every scheme; one that is wrong is named with its file and field."""
    from runtime.settings import read_settings
    from server.schemes.library import SchemeSettings, load_schemes

    settings = read_settings(SchemeSettings) if folder is None else SchemeSettings(folder=folder)
    for scheme in load_schemes(settings):
        until = scheme.valid_to or "further notice"
        unfilled = "  to be filled in" if scheme.to_be_filled_in else ""
        click.echo(
            f"{scheme.id:24} version {scheme.version:<3} {scheme.level:8} "
            f"{scheme.valid_from} until {until}{unfilled}"
        )
