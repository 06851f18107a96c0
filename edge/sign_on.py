"""`motcua edge sign-on`: makes the hash of an officer's PIN or badge, which `config` carries."""

from __future__ import annotations

import click


@click.command("sign-on")
@click.option("--pin", "kind", flag_value="pin", default=True, help="Hash a PIN (the default).")
@click.option("--badge", "kind", flag_value="badge", help="Hash a badge's number, as read.")
def command(kind: str) -> None:
    """Ask for a secret twice, without showing it, and print its salted hash."""
    from edge.kiosk.secrets import make_hash

    secret = click.prompt(
        "PIN" if kind == "pin" else "Badge", hide_input=True, confirmation_prompt=True
    )
    click.echo(make_hash(secret))
