"""`motcua closing`: check, close, restate, list; the key that signs."""

from __future__ import annotations

from pathlib import Path

import click

from server.options import database_option, use_one_thread_for_matrices


@click.group("closing")
def command() -> None:
    """Close months, quarters and years; keys, versions."""


@command.command("check")
@click.argument("period")
@database_option
def check_command(period: str, database_url: str) -> None:
    """Say what PERIOD lacks before it is closed; exit code 1 where something is missing."""
    from server.closing.commands import check

    wanted, missing = check(database_url, period)
    for sentence in missing.sentences:
        click.echo(sentence)
    if missing.sentences:
        raise SystemExit(1)
    click.echo(f"{wanted}: nothing is missing.")


@command.command("close")
@click.argument("period")
@click.option("--despite", is_flag=True, help="Also with open contests and appraisals.")
@database_option
def close_command(period: str, despite: bool, database_url: str) -> None:
    """Close PERIOD, a month, quarter or year that is over: its figures are kept and signed."""
    use_one_thread_for_matrices()
    from server.closing.commands import close_now

    made = close_now(database_url, period, despite=despite)
    click.echo(
        f"{made.period} is closed: SHA-256 {made.digest.hex()}, signed with {made.key}; "
        f"closing {made.number}:{made.seal.hex()}"
    )


@command.command("restate")
@click.argument("period")
@click.option(
    "--reason",
    default="",
    help="Why rows that were closed have changed or are gone; without one only what came late is "
    "taken over.",
)
@database_option
def restate_command(period: str, reason: str, database_url: str) -> None:
    """Make a new version of PERIOD, which is closed, where its figures have changed."""
    use_one_thread_for_matrices()
    from server.closing.commands import restate_now

    found = restate_now(database_url, period, reason)
    for fault in found.faults:
        click.echo(fault)
    if found.faults:
        raise SystemExit(1)
    if found.closing is None:
        click.echo(f"{period}: nothing has changed.")
        return
    made = found.closing
    click.echo(
        f"{made.period} version {made.version}: {len(made.changes)} figures have changed; "
        f"closing {made.number}:{made.seal.hex()}"
    )


@command.command("list")
@database_option
def list_command(database_url: str) -> None:
    """List every version of every closed period."""
    from server.closing.commands import closings

    for each in closings(database_url):
        click.echo(
            f"{each.number}  {each.period}  version {each.version}  "
            f"{each.closed_at:%Y-%m-%d %H:%M}Z  {each.closed_by}  {each.digest.hex()}"
        )


@command.command("resume")
@click.option("--reason", required=True, help="For instance that an older backup was restored.")
@database_option
def resume_command(reason: str, database_url: str) -> None:
    """Go on from this database's newest closing, though later ones were signed."""
    from server.closing.commands import resume

    newest = resume(database_url, reason)
    said = "the beginning" if newest is None else f"closing {newest.number} of {newest.period}"
    click.echo(f"Closing goes on from {said}.")


@command.group("key")
def key_group() -> None:
    """The key that closings are signed with."""


@key_group.command("new")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def new_key_command(file: Path) -> None:
    """Make the first key in FILE, its public key in FILE.pub."""
    from server.closing.keys import make_key

    made = make_key(file)
    click.echo(f"{file}: key {made.fingerprint}, public key {made.public_key.hex()}")


@key_group.command("list")
@database_option
def list_keys_command(database_url: str) -> None:
    """List the keys that sign and have signed, with their public keys, to be published."""
    from server.closing.commands import keys

    for each in keys(database_url):
        click.echo(f"{each.fingerprint}  since {each.since:%Y-%m-%d}  {each.public_key.hex()}")


@key_group.command("replace")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--lost", metavar="REASON", default=None, help="The former key is lost; say how.")
@database_option
def replace_key_command(file: Path, lost: str | None, database_url: str) -> None:
    """Make a key in FILE and hand over to it by a link that the former key signs."""
    from server.closing.commands import replace_key

    made = replace_key(database_url, file, lost)
    click.echo(f"{made.fingerprint} signs from now on: set MOTCUA_CLOSING_KEY to {file}")
