"""`motcua report verify`: whether a file is a report as it was issued, and what changed since."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.options import database_option

if TYPE_CHECKING:
    from contract.texts import Language, Texts
    from server.reports.comparison import Restated
    from server.reports.verification import Verdict


@click.command("verify")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--lang", type=click.Choice(["vi", "en"]), default="vi", show_default=True)
@database_option
def verify_command(file: Path, lang: str, database_url: str) -> None:
    """Say whether FILE was issued by this system and is unchanged, and whether its figures have
    been restated since. The exit status is 1 unless it is genuine.
    """
    import asyncio

    from contract.texts import Language as Spoken
    from server.options import use_one_thread_for_matrices

    use_one_thread_for_matrices()
    from server.reports.verification import Genuine

    found = asyncio.run(_check(database_url, file.read_bytes()))
    for line in _lines(found, Spoken(lang)):
        click.echo(line)
    if found.genuine is not Genuine.GENUINE:
        raise SystemExit(1)


async def _check(database_url: str, content: bytes) -> Verdict:
    from runtime.settings import read_settings
    from server.db.commands import opened
    from server.errors import ServerError
    from server.reports.issuing import compare
    from server.reports.verification import find, verdict
    from server.schemes.library import SchemeSettings, load_schemes
    from server.schemes.versions import known_schemes

    schemes = load_schemes(read_settings(SchemeSettings))
    compared: Restated | ServerError | None = None
    async with opened(database_url) as database:
        async with database.write() as connection:
            kind, digest, issue = await find(connection, content)
        if issue is not None:
            known = await database.ask(partial(known_schemes, shipped=schemes))
            try:
                compared = await compare(database, issue, known, datetime.now(UTC))
            except ServerError as error:
                compared = error
    return verdict(kind, digest, issue, compared)


def _lines(found: Verdict, language: Language) -> list[str]:
    from contract.texts import texts
    from server.reports.figures import write_instant
    from server.reports.verification import Genuine

    said = texts("server.reports", language)
    at = "" if found.issued_at is None else write_instant(found.issued_at)
    lines = [said.format(f"verified.{found.genuine}", at=at)]
    if found.digest is not None:
        lines.append(f"SHA-256: {found.digest}")
    if found.genuine is Genuine.CHANGED:
        lines.append(said.format("verified.of_issue", at=at))
    if found.restated is not None:
        lines += _compared(found.restated, said)
    if found.not_compared is not None:
        lines.append(said.format("verified.not_recomputed", why=found.not_compared))
    return lines


def _compared(found: Restated, said: Texts) -> list[str]:
    counts = {
        name: getattr(found, name)
        for name in ("changed", "added", "gone", "reworded", "compared", "issued")
    }
    lines = []
    if found.layout_changed:
        lines.append(said.format("verified.layout", **counts))
    key = "verified.same"
    if found.any:
        key = "verified.restated"
    elif found.layout_changed:
        key = "verified.same_as_far" if found.compared else "verified.nothing_compared"
    lines += [said.format(key, **counts), *(f"  {row}" for row in found.rows)]
    if found.reworded:
        lines.append(said.format("verified.reworded", **counts))
    return lines
