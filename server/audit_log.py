"""`motcua audit`: follow the chain and what closed figures rest on, or write the log to a file."""

from __future__ import annotations

from pathlib import Path

import click

from server.options import database_option, use_one_thread_for_matrices


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
@click.option(
    "--expect-closing",
    metavar="NUMBER:HEX",
    default=None,
    help="A closing's seal that was kept elsewhere, likewise.",
)
@database_option
def verify_command(expect: str | None, expect_closing: str | None, database_url: str) -> None:
    """Follow the chain from its beginning, then verify closed periods: their signatures, the rows
    behind them, and that these give the same digits. Exit code 1 where something does not hold.
    """
    use_one_thread_for_matrices()
    from server.audit.verification import kept_elsewhere, verify_log
    from server.closing.commands import verify_all

    verdict = verify_log(database_url, expect)
    newest = verdict.newest
    for fault in verdict.faults:
        click.echo(fault)
    wanted = None if expect_closing is None else kept_elsewhere(expect_closing, "--expect-closing")
    found = verify_all(database_url, wanted)
    for line in (*found.faults, *found.notices):
        click.echo(line)
    closed = found.newest
    said = "none" if closed is None else f"{closed.number}:{closed.seal.hex()}"
    click.echo(f"{found.periods} closed periods in {found.closings} versions; newest {said}")
    said = "none" if newest is None else f"{newest.number}:{newest.link.hex()}"
    click.echo(
        f"{verdict.links} links, {verdict.entries} entries, {verdict.unlinked} of them not linked "
        f"yet, {verdict.purged} links purged; newest link {said}"
    )
    if verdict.faults or found.faults:
        raise SystemExit(1)


@command.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@database_option
def export_command(file: Path, database_url: str) -> None:
    """Write every entry to FILE, one JSON object a line, the oldest first."""
    from server.audit.verification import export_log

    click.echo(f"{export_log(database_url, file)} entries written to {file}.")
