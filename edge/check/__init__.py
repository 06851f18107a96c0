"""`motcua edge check`: what works on this device, what does not, and what to do about it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import click

from contract.texts import Language


@click.command("check")
@click.option("--config", type=click.Path(path_type=Path), help="The device's edge.toml.")
@click.option("--models", type=click.Path(path_type=Path), help="A folder of model weights.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array instead of lines.")
@click.option(
    "--language",
    type=click.Choice([str(each) for each in Language]),
    help="Of the findings; that of the locale otherwise.",
)
def command(config: Path | None, models: Path | None, as_json: bool, language: str | None) -> None:
    """Diagnose settings, store, clock, models, camera, broker, identity and the kiosk's port.

    Ends with 1 when something fails; warnings leave 0.
    """
    from edge.check.checks import run_checks
    from edge.check.findings import Verdict, render_json, render_line, told_in

    findings = []
    with told_in(Language(language) if language else language_of(os.environ)):
        for finding in run_checks(config, models=models):
            findings.append(finding)
            if not as_json:
                click.echo(render_line(finding))
    if as_json:
        click.echo(render_json(findings))
    if any(finding.verdict is Verdict.FAIL for finding in findings):
        raise SystemExit(1)


def language_of(environment: Mapping[str, str]) -> Language:
    """Return the language of messages that the locale names, English for any other.

    The first of LC_ALL, LC_MESSAGES and LANG that is set decides, as POSIX has it.
    """
    said = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next(filter(None, said), "")
    return Language.VI if locale.partition("_")[0] == "vi" else Language.EN
