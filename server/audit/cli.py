"""`motcua audit`: follow the chain, or write the log to a file."""

from __future__ import annotations

from pathlib import Path

import click

from server.options import database_option


@click.group("audit")
def command() -> None:
    """The audit log: verify, export."""


@command.command("verify")
@click.option(
    "--expect",
    metavar="NUMBER:HEX",
    default=None,
    help="A link that was kept elsewhere and must still be the same.",
)
@database_option
def verify_command(expect: str | None, database_url: str) -> None:
    """Follow the chain from its beginning; exit code 1 where it does not hold."""
    from server.audit.verification import verify_log

    verdict = verify_log(database_url, expect)
    for fault in verdict.faults:
        click.echo(fault)
    newest = verdict.newest
    said = "none" if newest is None else f"{newest.number}:{newest.link.hex()}"
    click.echo(
        f"{verdict.links} links, {verdict.entries} entries, {verdict.unlinked} of them not linked "
        f"yet, {verdict.purged} links purged; newest link {said}"
    )
    if verdict.faults:
        raise SystemExit(1)


@command.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@database_option
def export_command(file: Path, database_url: str) -> None:
    """Write every entry to FILE, one JSON object a line, the oldest first."""
    from server.audit.verification import export_log

    click.echo(f"{export_log(database_url, file)} entries written to {file}.")
